import { describe, expect, test, vi } from 'vitest'

import { createClock, createEmulator } from '../../src/index.ts'
import { createRequestLog, maxLogBytes, maxLogRequests } from '../../src/http/fetch.ts'
import { ask, assemble, getMessage, parseEvents } from '../collecting-receiver.ts'

const url = 'https://api.anthropic.com/v1/messages'

describe('fetch', () => {
  test('answers without a port', async () => {
    const emulator = createEmulator({ asOf: '2025-08-15' })
    const response = await emulator.fetch(url, post(ask('Hello!')))
    const { id: _id, ...expected } = await getMessage(emulator, ask('Hello!'))

    expect(response.status).toBe(200)
    expect(response.headers.get('request-id')).toMatch(/^req_/)
    expect(await response.json()).toMatchObject(expected)
  })

  test('accepts the same arguments as the global fetch', async () => {
    const emulator = createEmulator()
    const headers = { 'anthropic-version': '2023-06-01' }

    for (const input of [
      new Request('http://localhost/prefix/v1/models', { headers }),
      new URL('http://localhost/v1/models'),
      '/v1/models',
    ])
      expect((await emulator.fetch(input, { headers })).status).toBe(200)
  })

  test('streams as it is read', async () => {
    const emulator = createEmulator({ asOf: '2025-08-15' })
    const body = ask('Write 2000 tokens about tea', { stream: true, max_tokens: 2_000 })
    const response = await emulator.fetch(url, post(body))
    const bytes = new Uint8Array(await response.arrayBuffer())

    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(assemble(parseEvents(bytes)).usage.output_tokens).toBeGreaterThan(1_000)
  })

  test('stops when its reader cancels', async () => {
    const emulator = createEmulator({ tokensPerSecond: 1_000 })
    const { body } = await emulator.fetch(url, post(ask('Write 500 words', { stream: true })))
    const reader = body?.getReader()

    expect((await reader?.read())?.done).toBe(false)
    await reader?.cancel()
    expect((await reader?.read())?.done).toBe(true)
  })

  test('can be aborted before and during the response', async () => {
    const emulator = createEmulator({ tokensPerSecond: 10 })
    const early = new AbortController()
    const pending = emulator.fetch(url, { ...post(ask('Hi')), signal: early.signal })
    early.abort()
    await expect(pending).rejects.toThrow('aborted')

    const late = new AbortController()
    const response = await emulator.fetch(url, { ...post(ask('Hi', { stream: true })), signal: late.signal })
    const text = response.text()
    late.abort(new Error('enough'))
    await expect(text).rejects.toThrow('enough')

    await expect(emulator.fetch(url, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  test('answers while a test has fake timers', async () => {
    vi.useFakeTimers()
    const response = await createEmulator().fetch(url, post(ask('Hi', { stream: true })))
    const text = await response.text()
    vi.useRealTimers()

    expect(text).toContain('message_stop')
  })

  test('fails once the emulator is closed', async () => {
    const emulator = createEmulator()
    emulator.close()

    await expect(emulator.fetch(url, post(ask('Hi')))).rejects.toThrow('the emulator is closed')
  })
})

describe('requests', () => {
  test('are not recorded if keepRequests is false', async () => {
    const emulator = createEmulator({ keepRequests: false })

    await emulator.fetch('/v1/models', { headers: { 'anthropic-version': '2023-06-01' } })

    expect(emulator.requests).toEqual([])
  })

  test('are recorded for inspection', async () => {
    const emulator = createEmulator()
    await emulator.fetch(`${url}?beta=true`, post(ask('Hello!')))

    expect(emulator.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/messages?beta=true',
        headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      },
    ])
    expect(emulator.requests[0]?.json()).toEqual(ask('Hello!'))
  })

  test('without a JSON body return undefined', async () => {
    const emulator = createEmulator()
    await emulator.fetch(url, { method: 'POST', body: '{' })
    await emulator.fetch(url)

    expect(emulator.requests.map(({ json }) => json())).toEqual([undefined, undefined])
  })

  test('are cleared by a reset, and so is everything created from them', async () => {
    const emulator = createEmulator()
    const first = await getMessage(emulator, ask('Hi'))
    await emulator.fetch('/v1/messages/batches', post({ requests: [{ custom_id: 'a', params: {} }] }))
    emulator.reset()
    const { data } = (await (await emulator.fetch('/v1/messages/batches', get)).json()) as { data: unknown[] }

    expect(data).toEqual([])
    expect(emulator.requests).toHaveLength(1)
    expect((await getMessage(emulator, ask('Hi'))).id).toBe(first.id)
  })

  test('are kept up to a number and a size, the latest always included', () => {
    const log = createRequestLog()
    const request = { method: 'POST', headers: {}, body: null }
    for (let i = 0; i < maxLogRequests + 5; i += 1) log.add({ ...request, path: `/${i}` })
    expect(log.entries).toHaveLength(maxLogRequests)
    expect(log.entries[0]?.path).toBe('/5')

    log.add({ ...request, path: '/big', body: new Uint8Array(maxLogBytes) })
    expect(log.entries).toHaveLength(maxLogRequests)
    log.add({ ...request, path: '/too', body: new Uint8Array(1) })
    expect(log.entries.map(({ path }) => path)).toEqual(['/too'])
  })
})

test('the clock of a test is the clock of the emulator', async () => {
  const clock = createClock('2025-08-15')
  const emulator = createEmulator({ now: clock.now })
  const has = async (id: string) =>
    JSON.stringify(await (await emulator.fetch('/v1/models', get)).json()).includes(id)

  expect(await has('claude-sonnet-4-5')).toBe(false)
  clock.set('2025-10-01')
  expect(await has('claude-sonnet-4-5')).toBe(true)
})

const get = { headers: { 'anthropic-version': '2023-06-01' } }

function post(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}
