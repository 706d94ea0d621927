import { expect, test } from 'vitest'

import type { Handler } from '../../src/port/port.ts'
import { until } from '../condition.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import { flags, frame, frameTypes, readFrames } from './http2-frames.ts'
import { connectFrames, echo, startPort } from './running-port.ts'

const post = { ':method': 'POST', ':path': '/x' }

/** What Node and the request behind it read ahead, each as much as a stream of Node's does. */
const readAheadBytes = 2 * 64 * 1024

test('a body that nobody reads is sent as far as its window, and the rest of it once it is read', async () => {
  const held: Parameters<Handler>[] = []
  const port = await startPort(
    (request, response) => {
      if (request.url === '/held') held.push([request, response])
      else echo(request, response)
    },
    { limits: { streamWindowBytes: 200_000 } },
  )
  const session = connectHttp2(port.url)
  const stream = openStream(session, { ...post, ':path': '/held' })
  const answer = readAnswer(stream)
  stream.end(Buffer.alloc(2_000_000))

  await until('its window is full', () => session.socket.bytesWritten > 200_000)
  // Whatever was granted meanwhile has come when an answer has that was asked for later.
  for (let round = 0; round < 10; round += 1) await askHttp2(session, post, '')
  const sentUnread = session.socket.bytesWritten
  for (const [request, response] of held) {
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.once('end', () => response.end(Buffer.from(String(length))))
  }

  expect((await answer).text).toBe('2000000')
  // Frames have heads, and there are those of the other requests.
  expect(sentUnread).toBeLessThan(200_000 + readAheadBytes + 5_000)
})

test('what floods is counted anew once its span has passed', async () => {
  const port = await startPort(echo, { limits: { controlFrames: 10, floodWindowMs: 30 } })
  const client = await connectFrames(port.number)
  const ping = frame({ type: frameTypes.ping, payload: Buffer.alloc(8) })
  const pongs = () =>
    readFrames(Buffer.from(client.received, 'latin1')).filter(
      ({ type, flags: set }) => type === frameTypes.ping && set === flags.acknowledged,
    ).length

  for (let burst = 1; burst <= 6; burst += 1) {
    const beganMs = Date.now()
    client.write(Buffer.concat(Array.from({ length: 5 }, () => ping)))
    await until('they are answered, and twice the span has passed', () => {
      return pongs() === 5 * burst && Date.now() - beganMs > 60
    })
  }

  expect(client.closed).toBe(false)
  expect(port.counts().exceeded.controlFrames).toBe(0)
})
