import { decodeSse } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Fault } from '../../src/index.ts'
import { listEvents, plainCalls, readTexts, send, streamedCalls } from './calls.ts'
import type { ProtocolCall, Received } from './calls.ts'

/** Two emulators with this clock answer alike. */
const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }
const ask = (call: ProtocolCall, fault?: Fault) => send(createEmulator(options), call.request, fault)

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
