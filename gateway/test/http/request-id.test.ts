import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createRequestId, randomText, readRequestTime } from '../../src/http/request-id.ts'

const form = /^req_011[1-9A-HJ-NP-Za-km-z]{21}$/

test("has the API's id format", () => {
  expect(createRequestId()).toMatch(form)
})

test('sorts by time', () => {
  const ms = fc.integer({ min: 0, max: Date.UTC(2039, 0) })
  fc.assert(
    fc.property(ms, ms, (one, other) => {
      const [first, second] = [one, other].map((at) => createRequestId(at).slice(0, 14))

      expect(Math.sign(Buffer.compare(Buffer.from(first ?? ''), Buffer.from(second ?? '')))).toBe(
        Math.sign(one - other),
      )
    }),
  )
})

test('has the time of its creation, which other ids do not have', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2039, 0) }), (ms) => {
      expect(readRequestTime(createRequestId(ms))).toBe(ms)
    }),
  )
  expect(['', 'req_1', 'req_012CABCDEFG', 'msg_011CABCDEFG', 'req_0110000000'].map(readRequestTime)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
})

test('never repeats within one millisecond or when the clock is set back', () => {
  const times = Array.from({ length: 30_000 }, (_, at) => 1_764_000_000_000 - (at % 7))

  const ids = times.map((at) => createRequestId(at))

  expect(new Set(ids).size).toBe(times.length)
  expect(ids.filter((id) => !form.test(id))).toEqual([])
})

test('never repeats in two concurrent processes', () => {
  const file = join(import.meta.dirname, '../../src/http/request-id.ts')
  const script = `const { createRequestId } = await import(${JSON.stringify(file)})
    console.log(Array.from({ length: 2_000 }, () => createRequestId(1_764_000_000_000)).join('\\n'))`
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString().trim().split('\n')

  const ids = [...run(), ...run(), ...Array.from({ length: 2_000 }, () => createRequestId(1_764_000_000_000))]

  expect(new Set(ids).size).toBe(6_000)
})

test('uses every letter equally often', () => {
  const counts = new Map<string, number>()
  for (const letter of randomText(58 * 4_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1)

  expect(counts.size).toBe(58)
  // Eight standard deviations: fewer than one run in a billion exceeds them.
  for (const count of counts.values()) expect(Math.abs(count - 4_000)).toBeLessThan(8 * Math.sqrt(4_000))
})
