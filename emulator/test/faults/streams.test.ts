import { decodeSse } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Fault } from '../../src/index.ts'
import { findCall, listEvents, plainCalls, receive, send, streamedCalls } from './calls.ts'
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

describe('malformed', () => {
  const sse = streamedCalls.filter(({ protocol }) => protocol !== 'bedrock')
  const aws = streamedCalls.filter(({ protocol }) => protocol === 'bedrock')

  test.each(sse)(
    'json, frame and utf8 break one event on $name, and the stream ends cleanly',
    async (call) => {
      const normal = decodeData(await ask(call))

      for (const kind of ['json', 'frame', 'utf8'] as const) {
        const received = await ask(call, { malformed: kind, after_events: 2 })
        const seen = decodeData(received)
        const changed = normal.flatMap((data, index) => (data === seen[index] ? [] : [index]))

        expect(received.failure).toBeNull()
        expect(seen).toHaveLength(normal.length)
        // The first ping of a stream comes before the third event.
        expect(changed).toEqual([call.name.startsWith('openai') ? 2 : 3])
        const [broken = 0] = changed
        expect(isJson(seen[broken] ?? '')).toBe(kind === 'utf8')
        expect((seen[broken] ?? '').includes('\u{fffd}')).toBe(kind === 'utf8')
      }
    },
  )

  test.each(aws)('a frame on $name has a wrong checksum', async (call) => {
    const received = await ask(call, { malformed: 'frame' })

    expect(() => listEvents(call, received.bytes)).toThrow(/checksum/i)
    expect(received.bytes.length).toBe((await ask(call)).bytes.length)
  })

  test.each(aws)('json and utf8 on $name have a right checksum', async (call) => {
    const normal = await ask(call)
    const utf8 = await ask(call, { malformed: 'utf8' })
    const decoded = readTexts(call, utf8)

    expect(() => listEvents(call, normal.bytes)).not.toThrow()
    await expect(ask(call, { malformed: 'json' }).then((got) => listEvents(call, got.bytes))).rejects.toThrow(
      /JSON/,
    )
    expect(decoded.filter((text) => text.includes('\u{fffd}'))).toHaveLength(1)
  })

  test.each(plainCalls)('a plain body on $name is complete for HTTP, and unreadable', async (call) => {
    const normal = await ask(call)

    for (const kind of ['json', 'frame', 'utf8'] as const) {
      const { headers, bytes, text, failure } = await ask(call, { malformed: kind })

      expect(failure).toBeNull()
      expect(headers['content-length']).toBe(String(bytes.length))
      expect(isJson(text)).toBe(kind === 'utf8')
      expect(text.includes('\u{fffd}')).toBe(kind === 'utf8')
      expect(bytes.length - normal.bytes.length).toBe(
        { json: -1, frame: (normal.bytes.length >> 1) - normal.bytes.length, utf8: 1 }[kind],
      )
    }
  })
})

describe('a cut inside', () => {
  const messages = findCall('messages stream')
  const reply = { text: 'Plain words. A line\nbreak, and “quotes” of several bytes.' }
  const cutReply = (call: ProtocolCall, inside: 'utf8' | 'escape' | 'line' | 'frame', given = reply) =>
    send(createEmulator({ ...options, scenario: { version: 1, rules: [{ reply: given }] } }), call.request, {
      cut: { inside },
    })

  test('utf8 leaves a character incomplete', async () => {
    for (const name of [
      'messages',
      'messages stream',
      'openai stream',
      'vertex',
      'converse',
      'converse stream',
    ]) {
      const { bytes } = await cutReply(findCall(name), 'utf8')

      expect(bytes.at(-1), name).toBe(0xe2)
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), name).toThrow()
    }
  })

  test('escape ends with its backslash', async () => {
    for (const name of [
      'messages',
      'messages stream',
      'openai stream',
      'vertex',
      'converse',
      'converse stream',
    ])
      expect((await cutReply(findCall(name), 'escape')).text, name).toMatch(
        /(?:A line|"text":"|"content":")\\$/,
      )
  })

  test('escape does not take an escaped backslash for the start of one', async () => {
    const { text } = await send(
      createEmulator({ scenario: { version: 1, rules: [{ reply: { text: 'a\\\\b\nc' } }] } }),
      findCall('messages').request,
      { cut: { after_bytes: 101, inside: 'escape' } },
    )
    const body = text.slice(text.lastIndexOf('"text":"'))

    expect(body).toMatch(/^"text":"a(?:\\\\)*\\$/)
  })

  test('a line ends in its middle', async () => {
    const { text } = await cutReply(messages, 'line')

    expect(text).toMatch(/\ndata: \{[^\n]+$/)
    expect(text.split('\n\n')).toHaveLength(2)
  })

  test('a frame ends after the line with its name', async () => {
    expect((await cutReply(messages, 'frame')).text).toMatch(/\n\nevent: content_block_start\n$/)
  })

  test.each(['utf8', 'escape'] as const)('%s falls back to the next frame without one', async (inside) => {
    const plain = { text: 'Only plain words.' }

    for (const name of ['messages stream', 'openai stream', 'converse stream']) {
      const call = findCall(name)
      const { text } = await cutReply(call, inside, plain)
      expect(text, name).toBe((await cutReply(call, 'frame', plain)).text)
    }
    expect((await cutReply(findCall('messages'), inside, plain)).failure).not.toBeNull()
  })

  test('invoke is always inside the frame, because its texts are in base64', async () => {
    const call = findCall('invoke stream')
    const frame = await cutReply(call, 'frame')

    for (const inside of ['utf8', 'escape', 'line'] as const)
      expect((await cutReply(call, inside)).bytes).toEqual(frame.bytes)
  })
})

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

function decodeData({ bytes }: Received): readonly string[] {
  return decodeSse(bytes).map(({ data }) => data)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The JSON of each event of a Bedrock stream. */
function readTexts(call: ProtocolCall, { bytes }: Received): readonly string[] {
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const [length, headers] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
    const payload = bytes.subarray(at + 12 + headers, at + length - 4).toString()
    texts.push(
      call.name.startsWith('invoke') ? Buffer.from(JSON.parse(payload).bytes, 'base64').toString() : payload,
    )
    at += length
  }
  return texts
}

/** The output tokens that the first and the last event with usage state. */
function readUsage(
  call: ProtocolCall,
  received: Received,
): { readonly first: number; readonly last: number } {
  const text = call.protocol === 'bedrock' ? readTexts(call, received).join('\n') : received.bytes.toString()
  const figures = [...text.matchAll(/"(?:output_tokens|outputTokens|completion_tokens)":(\d+)/g)]
  return { first: Number(figures[0]?.[1]), last: Number(figures.at(-1)?.[1]) }
}
