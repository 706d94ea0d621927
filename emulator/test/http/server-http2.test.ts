import { connect, constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createEmulator, listenEmulator } from '../../src/index.ts'
import type { Emulator } from '../../src/index.ts'
import { ask, assemble, getMessage, parseEvents } from '../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })

describe('over clear-text HTTP/2', () => {
  test('a plain response equals that of the emulator itself', async () => {
    const { id: _id, ...expected } = await getMessage(emulator, ask('Hello!'))
    const { status, bytes } = await read(post(await open(emulator), ask('Hello!')))

    expect([status, JSON.parse(bytes.toString())]).toMatchObject([200, expected])
  })

  test('so does a stream', async () => {
    const { bytes } = await read(post(await open(emulator), ask('Hello!', { stream: true })))

    expect(assemble(parseEvents(bytes)).content).toEqual((await getMessage(emulator, ask('Hello!'))).content)
  })

  test('concurrent calls get separate responses', async () => {
    const session = await open(emulator)
    const words = ['tea', 'cake', 'rivers', 'bridges']
    const answers = await Promise.all(words.map((word) => read(post(session, ask(`Tell of ${word}`)))))

    expect(answers.map(({ bytes }) => bytes.toString().includes('"type":"message"'))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(4)
  })

  test('a body of 33 MB gets a readable error', async () => {
    const { status, bytes } = await read(post(await open(emulator), Buffer.alloc(33 * 1024 * 1024)))

    expect([status, JSON.parse(bytes.toString())]).toMatchObject([
      413,
      { error: { type: 'request_too_large' } },
    ])
  })

  test('a URL in a response has the host that the client called', async () => {
    const session = await open(emulator)
    const body = { requests: [{ custom_id: 'a', params: ask('Hi') }] }
    const made = JSON.parse((await read(post(session, body, '/v1/messages/batches'))).bytes.toString())
    const stream = session.request({
      ':path': `/v1/messages/batches/${made.id}`,
      'anthropic-version': '2023-06-01',
    })
    const { bytes } = await read(stream)

    expect(JSON.parse(bytes.toString()).results_url).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/v1\/messages\/batches/,
    )
  })

  test('a response that its reader does not consume is paused, and continues later', async () => {
    const watched = watch(createEmulator())
    const session = await open(watched.emulator)
    const stream = post(session, ask('Write 32000 tokens', { max_tokens: 32_000, stream: true }))
    stream.pause()

    await expect.poll(() => watched.pauses()).toBeGreaterThan(0)
    expect(watched.ends()).toBe(0)

    const { bytes } = await read(stream)
    expect(parseEvents(bytes).at(-1)).toEqual({ type: 'message_stop' })
  })

  test('a stream that its reader resets is aborted in the emulator as well', async () => {
    const watched = watch(createEmulator({ tokensPerSecond: 50 }))
    const session = await open(watched.emulator)
    const stream = post(session, ask('Write 2000 tokens about rivers', { stream: true, max_tokens: 2_000 }))
    await new Promise((resolve) => stream.once('data', resolve))
    stream.close(constants.NGHTTP2_CANCEL)

    await expect.poll(() => watched.aborts()).toBe(1)
    expect((await read(post(session, ask('Hi', { max_tokens: 1 })))).status).toBe(200)
  })

  test('an incomplete body is never answered', async () => {
    const watched = watch(createEmulator())
    const session = await open(watched.emulator)
    const stream = session.request({ ':method': 'POST', ':path': '/v1/messages' })
    stream.on('error', () => {})
    stream.write('{"model":')
    stream.close(constants.NGHTTP2_CANCEL)
    await new Promise<void>((resolve) => {
      stream.once('close', () => resolve())
    })
    await read(post(session, ask('Hello!')))

    expect(watched.emulator.requests).toHaveLength(1)
  })
})

async function open(of: Emulator): Promise<ClientHttp2Session> {
  const server = await listenEmulator(of, { port: 0, host: '127.0.0.1' })
  const session = connect(server.url)
  onTestFinished(async () => {
    session.destroy()
    await server.close()
  })
  return session
}

function post(
  session: ClientHttp2Session,
  body: Buffer | Record<string, unknown>,
  path = '/v1/messages',
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  })
  stream.on('error', () => {})
  stream.end(body instanceof Buffer ? body : JSON.stringify(body))
  return stream
}

async function read(stream: ClientHttp2Stream): Promise<{ readonly status: number; readonly bytes: Buffer }> {
  let status = 0
  stream.once('response', (headers) => {
    status = headers[':status'] ?? 0
  })
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return { status, bytes: Buffer.concat(parts) }
}

/** Wraps an emulator to count how often its receiver paused, ended or aborted. */
function watch(of: Emulator) {
  let [pauses, ends, aborts] = [0, 0, 0]
  const send: Emulator['send'] = (request, receiver) => {
    const chunk = (bytes: Uint8Array): boolean => {
      const wantsMore = receiver.chunk(bytes)
      if (!wantsMore) pauses += 1
      return wantsMore
    }
    const end = (): void => {
      ends += 1
      receiver.end()
    }
    const handle = of.send(request, { ...receiver, chunk, end })
    const abort = (): void => {
      if (ends === 0) aborts += 1
      handle.abort()
    }
    return { ...handle, abort }
  }
  return { emulator: { ...of, send }, pauses: () => pauses, ends: () => ends, aborts: () => aborts }
}
