import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Fault } from '../../src/index.ts'
import { listEvents, plainCalls, readTexts, receive, send, streamedCalls } from './calls.ts'
import type { ProtocolCall, Received } from './calls.ts'

/** Two emulators with this clock answer alike. */
const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }
const ask = (call: ProtocolCall, fault?: Fault) => send(createEmulator(options), call.request, fault)

describe.each(streamedCalls)('on $name', (call) => {
  test('a cut after some events sends exactly these, and never ends cleanly', async () => {
    const normal = await ask(call)
    const events = listEvents(call, normal.bytes)

    for (const count of [1, 2, 3, events.length, events.length + 5]) {
      const received = await ask(call, { cut: { after_events: count } })

      expect(listEvents(call, received.bytes)).toEqual(events.slice(0, count))
      expect(received.failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
      expect(normal.text.startsWith(received.text)).toBe(true)
    }
  })

  test('a cut after no event sends the head', async () => {
    const { status, bytes, failure } = await ask(call, { cut: { after_events: 0 } })

    expect([status, bytes.length]).toEqual([200, 0])
    expect(failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
  })

  test('a cut without a place sends half of the bytes', async () => {
    const normal = await ask(call)
    const { bytes } = await ask(call, { cut: true })

    expect(bytes).toEqual(normal.bytes.subarray(0, normal.bytes.length >> 1))
  })

  test('a cut inside a frame sends the events before it, and a part of the next one', async () => {
    const normal = await ask(call)
    const before = await ask(call, { cut: { after_events: 3 } })
    const next = await ask(call, { cut: { after_events: 4 } })
    const { bytes } = await ask(call, { cut: { after_events: 3, inside: 'frame' } })

    expect(bytes.length).toBeGreaterThan(before.bytes.length)
    expect(bytes.length).toBeLessThan(next.bytes.length)
    expect(normal.bytes.subarray(0, bytes.length)).toEqual(bytes)
  })

  test('a reset is a cut with another error, before the head by default', async () => {
    const { failure: _cut, ...expected } = await ask(call, { cut: { after_events: 2 } })
    const { failure, ...received } = await ask(call, { reset: { after_events: 2 } })
    const early = await ask(call, { reset: true })

    expect(received).toEqual(expected)
    expect(failure).toMatchObject({ code: 'ECONNRESET' })
    expect(early).toMatchObject({ status: 0, text: '', failure: { code: 'ECONNRESET' } })
  })

  test('missing: message_stop ends cleanly before it', async () => {
    const normal = await ask(call)
    const received = await ask(call, { missing: 'message_stop' })
    const left = normal.text.slice(received.text.length)

    expect(received.failure).toBeNull()
    expect(normal.text.startsWith(received.text)).toBe(true)
    expect(left).toMatch(lastEvents[call.name.split(' ')[0] ?? ''] ?? /^$/)
  })

  test('an error event is the last one, after the events before it', async () => {
    const events = listEvents(call, (await ask(call)).bytes)

    for (const count of [0, 1, 4]) {
      const received = await ask(call, { error_event: 'overloaded_error', after_events: count })
      const seen = listEvents(call, received.bytes)

      expect(seen.slice(0, -1)).toEqual(events.slice(0, count))
      expect(seen.at(-1)).toBe(call.protocol === 'bedrock' ? 'serviceUnavailableException' : 'error')
      expect(received.failure).toBeNull()
    }
  })

  test('an error event has the type and the text of the fault', async () => {
    const own = await ask(call, { error_event: 'out_of_tea', error: 'No “tea”.', after_events: 1 })
    const known = await ask(call, { error_event: 'rate_limit_error', error: { message: 'Slow down.' } })

    expect(own.text).toContain('out_of_tea')
    expect(own.text).toContain('No “tea”.')
    expect(known.text).toContain('Slow down.')
    expect(known.text).toContain(call.protocol === 'bedrock' ? 'throttlingException' : 'rate_limit_error')
  })

  test('wrong usage is that of the last events', async () => {
    const normal = readUsage(call, await ask(call))
    const received = readUsage(call, await ask(call, { wrong_usage: { output_tokens: 777 } }))
    const none = readUsage(call, await ask(call, { wrong_usage: true }))

    expect(normal.last).toBeGreaterThan(1)
    expect([received.last, none.last]).toEqual([777, 0])
    // Where the first event has a usage too, it keeps its own.
    if (normal.first !== normal.last) expect([received.first, none.first]).toEqual([1, 1])
  })

  test('a stall sends the events before it, and no more until the emulator is reset', async () => {
    const emulator = createEmulator(options)
    const events = listEvents(call, (await ask(call)).bytes)
    const stalled = receive(emulator, call.request, { stall: true, after_events: 2 })
    const silent = receive(emulator, call.request, { stall: true })
    await send(emulator, call.request)

    expect(listEvents(call, stalled.sofar().bytes)).toEqual(events.slice(0, 2))
    expect([stalled.isOver(), silent.isOver(), silent.sofar().status]).toEqual([false, false, 0])
    emulator.reset()
    expect((await stalled.ended).failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect((await silent.ended).failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
  })

  test('delays change no byte', async () => {
    const fault = { first_byte_ms: 3, between_events_ms: 1 }

    expect(await ask(call, fault)).toEqual(await ask(call))
  })
})

/** What `missing: message_stop` leaves out, as a pattern of the text. */
const lastEvents: Readonly<Record<string, RegExp>> = {
  messages: /^event: message_stop\n[^\n]*\n\n$/,
  foundry: /^event: message_stop\n[^\n]*\n\n$/,
  vertex: /^event: message_stop\n[^\n]*\n\n$/,
  openai: /^data: [^\n]*"usage":\{[^\n]*\n\ndata: \[DONE\]\n\n$/,
  invoke: /chunk/,
  converse: /messageStop[^]*metadata/,
}

describe.each(plainCalls)('a plain answer on $name', (call) => {
  test('is cut after half of its bytes, or after as many as asked for', async () => {
    const normal = await ask(call)
    const { length } = normal.bytes

    for (const [cut, sent] of [
      [true, length >> 1],
      [{ after_events: 5 }, length >> 1],
      [{ inside: 'frame' }, length >> 1],
      [{ after_bytes: 0 }, 0],
      [{ after_bytes: 10 }, 10],
      [{ after_bytes: 1_000_000 }, length - 1],
    ] as const) {
      const received = await ask(call, { cut })

      expect(received.status).toBe(200)
      expect(received.headers['content-length']).toBe(String(length))
      expect(received.bytes).toEqual(normal.bytes.subarray(0, sent))
      expect(received.failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
    }
  })

  test('stalls before its head, or in its middle', async () => {
    const emulator = createEmulator(options)
    const normal = await ask(call)
    const silent = receive(emulator, call.request, { stall: true })
    const half = receive(emulator, call.request, { stall: true, after_events: 1 })
    await send(emulator, call.request)

    expect(silent.sofar()).toMatchObject({ status: 0, text: '' })
    expect(half.sofar().bytes.length).toBe(normal.bytes.length >> 1)
    emulator.close()
    expect((await silent.ended).failure).toMatchObject({ code: 'closed' })
    expect((await half.ended).failure).toMatchObject({ code: 'closed' })
  })

  test('states the wrong usage', async () => {
    const normal = await ask(call)
    const { text } = await ask(call, { wrong_usage: { output_tokens: 777 } })

    expect(normal.text).not.toContain('777')
    const figures = /okens":\d+/g
    expect(text.replaceAll(figures, '')).toBe(normal.text.replaceAll(figures, ''))
    expect(text).toMatch(/"(?:output_tokens|outputTokens|completion_tokens)":777/)
  })

  test('ignores what only a stream has, and says so', async () => {
    const { headers, text } = await ask(call, { missing: 'message_stop', between_events_ms: 2 })

    expect(text).toBe((await ask(call)).text)
    expect(headers['x-anthology-notice']).toContain(
      'without effect on this answer: missing, between_events_ms',
    )
  })
})

/** The output tokens that the first and the last event with usage state. */
function readUsage(
  call: ProtocolCall,
  received: Received,
): { readonly first: number; readonly last: number } {
  const text = call.protocol === 'bedrock' ? readTexts(call, received).join('\n') : received.bytes.toString()
  const figures = [...text.matchAll(/"(?:output_tokens|outputTokens|completion_tokens)":(\d+)/g)]
  return { first: Number(figures[0]?.[1]), last: Number(figures.at(-1)?.[1]) }
}
