import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { answerControl } from '../../src/control/control.ts'
import { controlPaths, maxControlBytes } from '../../src/control/paths.ts'
import { createEmulator } from '../../src/index.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const bodies = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ maxLength: 200 }).map(encode),
  fc.jsonValue().map((value) => encode(JSON.stringify(value))),
  fc
    .record({ version: fc.constantFrom(1, 2), rules: fc.array(fc.jsonValue({ maxDepth: 3 })) })
    .map((value) => encode(JSON.stringify(value))),
  fc
    .record({ fault: fc.jsonValue({ maxDepth: 3 }), times: fc.anything() })
    .map((value) => encode(JSON.stringify(value))),
  fc.record({ advance_ms: fc.oneof(fc.double(), fc.string()) }).map((value) => encode(JSON.stringify(value))),
)

test('any request gets JSON with a status of the API, and the emulator goes on', () => {
  const emulator = createEmulator()
  const path = fc
    .tuple(fc.constantFrom(...Object.values(controlPaths), '/emulator/x', '/emulator/'), fc.string())
    .map(([start, query]) => (query === '' ? start : `${start}?${query}`))

  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'constructor'),
      path,
      bodies,
      (method, target, body) => {
        const { status, body: answer } = answerControl(emulator, { method, path: target, headers: {}, body })

        expect([200, 400, 404, 405]).toContain(status)
        expect(JSON.parse(new TextDecoder().decode(answer))).toBeTypeOf('object')
      },
    ),
    { numRuns: 500 },
  )
})

test('YAML whose aliases would fill the memory is rejected', () => {
  const emulator = createEmulator()
  const lines = [
    'a0: &a0 [x, x]',
    ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
  ]
  const put = (text: string) =>
    answerControl(emulator, { method: 'PUT', path: controlPaths.scenario, headers: {}, body: encode(text) })

  expect(put(lines.join('\n')).status).toBe(400)
  expect(put('['.repeat(100_000)).status).toBe(400)
  expect(put(`"${'x'.repeat(maxControlBytes)}"`).status).toBe(413)
})

test('a member of the prototype is no endpoint, method or parameter', () => {
  const emulator = createEmulator()
  const send = (method: string, path: string) =>
    answerControl(emulator, { method, path, headers: {}, body: null }).status

  expect(send('GET', '/emulator/v1/constructor')).toBe(404)
  expect(send('toString', '/emulator/v1/reset')).toBe(405)
  expect(send('GET', '/emulator/v1/requests?constructor=x')).toBe(400)
  expect(send('GET', '/emulator/v1/requests?__proto__=x')).toBe(400)
})
