import { expect, test } from 'vitest'

import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import { echo, startPort } from './running-port.ts'

const post = { ':method': 'POST', ':path': '/x' }

const windowBytes = 1024 * 1024

/** What Node and the request behind it read ahead, each as much as a stream of Node's does. */
const readAheadBytes = 2 * 64 * 1024

test('a body that nobody reads is sent as far as its window, and the rest of it once it is read', async () => {
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
  // Whatever was granted meanwhile has come when an answer has that was asked for later.
  for (let round = 0; round < 10; round += 1) await askHttp2(session, post, '')
  const sentUnread = session.socket.bytesWritten
  for (const [request, response] of held) {
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.once('end', () => response.end(Buffer.from(String(length))))
  }

  expect((await answer).text).toBe('4000000')
  // Frames have heads, and there are those of the other requests.
  expect(sentUnread).toBeLessThan(windowBytes + readAheadBytes + 5_000)
})
