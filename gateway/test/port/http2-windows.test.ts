import { expect, test } from 'vitest'

import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import { echo, startPort } from './running-port.ts'

const post = { ':method': 'POST', ':path': '/x' }

const windowBytes = 1024 * 1024

/** Bytes that Node's stream and our request read ahead, one stream buffer each. */
const readAheadBytes = 2 * 64 * 1024

test('an unread body is sent up to its window, and the rest once it is read', async () => {
  const held: Parameters<Handler>[] = []
  const port = await startPort((request, response) => {
    if (request.url === '/held') held.push([request, response])
    else echo(request, response)
  })
  const session = connectHttp2(port.url)
  const stream = openStream(session, { ...post, ':path': '/held' })
  const answer = readAnswer(stream)
  stream.end(Buffer.alloc(4_000_000))

  await until('its window is full', () => session.socket.bytesWritten > windowBytes)
  // Any window update has arrived once the response to a later request has.
  for (let round = 0; round < 10; round += 1) await askHttp2(session, post, '')
  const sentUnread = session.socket.bytesWritten
  for (const [request, response] of held) {
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.once('end', () => response.end(Buffer.from(String(length))))
  }

  expect((await answer).text).toBe('4000000')
  // Includes frame headers and the other requests.
  expect(sentUnread).toBeLessThan(windowBytes + readAheadBytes + 5_000)
})
