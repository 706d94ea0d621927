import { describe, expect, onTestFinished, test } from 'vitest'

import { createEmulator, listenEmulator } from '../../src/index.ts'
import type { Emulator, Fault, Fetch } from '../../src/index.ts'
import { findCall } from './calls.ts'
import type { ProtocolCall } from './calls.ts'

const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }

describe("the emulator's fetch fails as the one of Node does over a connection", () => {
  test.each<readonly [string, Fault]>([
    ['messages stream', { reset: true }],
    ['messages stream', { reset: { after_events: 3 } }],
    ['messages stream', { cut: { after_events: 3 } }],
    ['messages stream', { cut: { after_events: 0 } }],
    ['invoke stream', { cut: { inside: 'frame' } }],
    ['messages', { reset: true }],
    ['messages', { cut: true }],
    ['messages', { cut: { after_bytes: 0 } }],
    ['openai', { reset: { after_bytes: 10 } }],
  ])('%s with %j', async (name, fault) => {
    const call = findCall(name)
    const server = await listenEmulator(createEmulator(options), { port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    const inProcess = await attempt(createEmulator(options).fetch, 'https://api.anthropic.com', call, fault)
    const connected = await attempt(fetch, server.url, call, fault)

    expect(inProcess).toEqual(connected)
    expect(inProcess.error).toMatch(/^TypeError: (?:fetch failed|terminated)$/)
  })

  test('and what was sent before can be read first', async () => {
    const { body } = await ask(createEmulator(options), { cut: { after_events: 2 } })
    const reader = body?.getReader()
    const first = await reader?.read()

    expect(new TextDecoder().decode(first?.value)).toMatch(/^event: message_start\n[^]*content_block_start/)
    await expect(reader?.read()).rejects.toThrow('terminated')
  })
})

test('a stalled answer in this process ends when its reader leaves', async () => {
  const emulator = createEmulator(options)
  const { body } = await ask(emulator, { stall: true, after_events: 1 })
  const reader = body?.getReader()

  expect((await reader?.read())?.done).toBe(false)
  await reader?.cancel()
  expect((await reader?.read())?.done).toBe(true)
})

test('a stalled answer in this process fails when the emulator is reset', async () => {
  const emulator = createEmulator(options)
  const silent = ask(emulator, { stall: true })
  const { body } = await ask(emulator, { stall: true, after_events: 1 })
  emulator.reset()

  await expect(silent).rejects.toThrow('fetch failed')
  await expect(new Response(body).text()).rejects.toThrow('terminated')
})

function ask(emulator: Emulator, fault: Fault): Promise<Response> {
  return post(emulator.fetch, 'https://api.anthropic.com', findCall('messages stream'), fault)
}

function post(send: Fetch, origin: string, { request }: ProtocolCall, fault: Fault): Promise<Response> {
  return send(origin + (request.path ?? ''), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-anthology-fault': JSON.stringify(fault),
    },
    body: JSON.stringify(request.body),
  })
}

/** What a caller sees of a call that fails: the status if a head came, the bytes, the error and the code of its cause. */
async function attempt(send: Fetch, origin: string, call: ProtocolCall, fault: Fault) {
  let [status, text] = [0, '']
  const decoder = new TextDecoder()
  try {
    const response = await post(send, origin, call, fault)
    status = response.status
    for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true })
    return { status, text, error: '', code: '' }
  } catch (error) {
    const { cause } = error as { cause: { code: string } } // Both set it.
    return { status, text, error: String(error), code: cause.code }
  }
}
