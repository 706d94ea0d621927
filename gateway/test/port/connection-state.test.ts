import { expect, test } from 'vitest'

import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import { startPort } from './running-port.ts'

/** ENHANCE_YOUR_CALM (RFC 9113, 7). */
const calmDown = 11

const ask = { ':method': 'POST', ':path': '/x' }

/** 60 KB, in fields that are not added to the HPACK table. */
const longFields = Object.fromEntries(
  Array.from({ length: 15 }, (_, index) => [`x-long-${index}`, 'x'.repeat(4_000)]),
)

test('a connection whose requests fill its memory accepts no new ones until some have ended', async () => {
  const ends: (() => void)[] = []
  const hold: Handler = (request, response) => {
    request.resume()
    if (request.url === '/y') response.end(Buffer.from('fine'))
    else ends.push(() => response.end())
  }
  const port = await startPort(hold)
  const session = connectHttp2(port.url)
  const answers = Array.from({ length: 240 }, () => {
    const stream = openStream(session, { ...ask, ...longFields }, true)
    return readAnswer(stream).then(
      ({ status }) => status,
      () => `reset with ${stream.rstCode}`,
    )
  })
  let ended = 0
  for (const answer of answers) void answer.then(() => (ended += 1))

  await until('every stream was served or reset', () => ended + ends.length === answers.length)
  const taken = ends.length
  for (const end of ends.splice(0)) end()
  const outcomes = await Promise.all(answers)

  // About 145 of them fill ten million bytes.
  expect(taken).toBeGreaterThan(100)
  expect(taken).toBeLessThan(200)
  expect(new Set(outcomes)).toEqual(new Set([200, `reset with ${calmDown}`]))
  expect(outcomes.filter((outcome) => outcome === 200)).toHaveLength(taken)
  expect((await askHttp2(session, { ...ask, ':path': '/y' })).text).toBe('fine')
})
