import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { encodeFrame, encodeFrameHeaders } from '@anthology/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import type { RecordedExchange } from '../../src/cassettes/cassette.ts'
import { cassetteSchema } from '../../src/cassettes/files/cassette-schema.ts'
import { parseCassette } from '../../src/cassettes/files/parse-cassette.ts'
import { printCassette, printExchange } from '../../src/cassettes/files/print-cassette.ts'
import { printYaml } from '../../src/cassettes/files/print-yaml.ts'
import { readPrintedYaml } from '../../src/cassettes/files/read-printed-yaml.ts'
import { createRedactor } from '../../src/cassettes/redaction/redactor.ts'
import { recordResponse } from '../../src/cassettes/responses/record-response.ts'
import { restoreFrames } from '../../src/cassettes/responses/restore-response.ts'

/** Texts that are hard to print: ends of lines, marks of YAML, control characters, quotes. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      ' ',
      '\n',
      '\t',
      '\r',
      "'",
      '"',
      '\\',
      ':',
      '#',
      '-',
      'a',
      '\u0085',
      '\u2028',
      '\ufeff',
    ),
  }),
  fc.constantFrom(
    'true',
    'null',
    '~',
    '1e5',
    '0x1f',
    '2026-11-29',
    '---',
    '...',
    '- a',
    '? b',
    '&c',
    '*d',
    '!e',
    '%f',
    '@g',
    '`h',
    '<<',
  ),
)

describe('the file of a cassette', () => {
  test('gives back every text, whatever its characters', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
        expect(parse(printYaml(value))).toEqual(value)
      }),
    )
  })

  test('gives back every exchange, with its members in one order', () => {
    fc.assert(
      fc.property(exchange, (recorded) => {
        const printed = printCassette('words', [printExchange(recorded)])
        const parsed = parseCassette(printed, 'a.yaml')

        expect(parsed.exchanges).toEqual([recorded])
        expect(printExchange(parsed.exchanges[0] ?? recorded)).toBe(printExchange(recorded))
      }),
    )
  })

  test('is read fast in the form in which it is printed, with the same result as by a general parser', () => {
    fc.assert(
      fc.property(exchange, (recorded) => {
        const printed = printCassette('words\nand more', [printExchange(recorded), printExchange(recorded)])

        const fast = readPrintedYaml(printed)

        // A member of this name is left to the general parser.
        if (fast === undefined) expect(printed).toContain('__proto__')
        else expect(fast).toEqual(parse(printed))
      }),
    )
  })

  test('is left to the general parser when a person has changed its form', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.oneof(text, fc.constantFrom('\n', ' ', '  ', '- ', ': ', "'", '|', '#')),
    )
    fc.assert(
      fc.property(exchange, change, (recorded, [place, length, inserted]) => {
        const printed = printCassette('words', [printExchange(recorded)])
        const at = place % printed.length
        const changed = printed.slice(0, at) + inserted + printed.slice(at + length)
        const fast = readPrintedYaml(changed)

        if (fast !== undefined) expect(fast).toEqual(parse(changed))
      }),
      { numRuns: 2_000 },
    )
  })

  test('has a published schema', () => {
    const file = join(import.meta.dirname, '../../cassette.schema.json')

    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(cassetteSchema)))
  })
})

describe('a response is restored byte for byte', () => {
  const frames = fc.array(
    fc.oneof(
      fc.tuple(text, text).map(([name, data]) => `event: ${name}\ndata: ${data}\n\n`),
      fc.constantFrom(
        ': ping\n\n',
        'data: {}\r\n\r\n',
        'event: a\ndata: 1\ndata: 2\n\n',
        'id: 1\n',
        '\n',
        'data:x\n\n',
      ),
    ),
  )

  test('of SSE in any form, cut anywhere', () => {
    fc.assert(
      fc.property(frames, fc.nat(), (parts, cut) => {
        const bytes = Buffer.from(parts.join(''))
        const kept = bytes.subarray(0, bytes.length - (cut % 4))

        expect(restore('text/event-stream; charset=utf-8', kept)).toEqual(kept)
      }),
    )
  })

  test('of any bytes, as a stream or not', () => {
    const types = fc.constantFrom(
      'text/event-stream',
      'application/vnd.amazon.eventstream',
      'application/json',
      'image/png',
    )
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        expect(restore(type, bytes)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('of messages of an AWS event stream, also with a payload that is no JSON, and with a cut one at the end', () => {
    const chunk = text.map((inner) => `{"bytes":"${Buffer.from(inner).toString('base64')}","p":"abc"}`)
    const payloads = fc.array(fc.oneof(text, chunk), { maxLength: 5 })
    fc.assert(
      fc.property(payloads, fc.nat({ max: 20 }), (texts, cut) => {
        const headers = encodeFrameHeaders({ ':event-type': 'chunk', ':message-type': 'event' })
        const bytes = Buffer.concat(texts.map((payload) => encodeFrame(headers, Buffer.from(payload))))
        const kept = bytes.subarray(0, bytes.length - Math.min(cut, bytes.length))

        expect(restore('application/vnd.amazon.eventstream', kept)).toEqual(kept)
      }),
    )
  })

  test('events keep the times at which they arrived, and the speed divides them', () => {
    const bytes = Buffer.from('data: 1\n\ndata: 2\n\ndata: 3\n\n')
    const arrivals = [
      { endByte: 12, atMs: 100 },
      { endByte: 27, atMs: 300 },
    ]
    const recorded = recordResponse(
      { status: 200, headers: { 'content-type': 'text/event-stream' }, bytes, arrivals },
      createRedactor([]),
    )
    const delays = (speed: number) =>
      recorded.ok && restoreFrames(recorded.response, speed).map(({ delayMs }) => delayMs)

    expect(recorded).toMatchObject({ response: { at_ms: [100, 300, 300] } })
    expect(delays(1)).toEqual([0, 200, 0].map((ms, index) => (index === 0 ? 100 : ms)))
    expect(delays(2)).toEqual([50, 100, 0])
    expect(delays(0)).toEqual([0, 0, 0])
  })
})

function restore(type: string, bytes: Uint8Array): Buffer {
  const captured = {
    status: 200,
    headers: { 'content-type': type },
    bytes,
    arrivals: [{ endByte: bytes.length, atMs: 1 }],
  }
  const recorded = recordResponse(captured, createRedactor([]))
  if (!recorded.ok) throw new Error(recorded.because)
  const printed = printCassette('', [printExchange({ ...plain, response: recorded.response })])
  const [read] = parseCassette(printed, 'a.yaml').exchanges
  return Buffer.concat(restoreFrames(read?.response ?? recorded.response, 0).map((frame) => frame.bytes))
}

const plain = {
  recorded: '2026-11-29T08:00:00.000Z',
  catalog: '0.1.0',
  request: {
    protocol: 'messages',
    endpoint: 'create_message',
    method: 'POST',
    path: '/v1/messages',
    stream: true,
  },
} as const

const line = text.map((value) => value.replaceAll(/[\r\n]/g, ''))

const exchange: fc.Arbitrary<RecordedExchange> = fc.record({
  recorded: fc.constant('2026-11-29T08:00:00.000Z'),
  catalog: fc.constant('0.1.0'),
  request: fc.record(
    {
      protocol: fc.constantFrom('messages', 'openai', 'bedrock', 'vertex'),
      endpoint: text,
      method: fc.constant('POST'),
      path: text,
      stream: fc.boolean(),
      model: text,
      turn: fc.nat(),
      last_user: text,
      tool_results: fc.array(fc.record({ tool: text, text })),
      tools: fc.array(text),
    },
    { requiredKeys: ['protocol', 'endpoint', 'method', 'path', 'stream'] },
  ),
  response: fc.record({
    status: fc.integer({ min: 200, max: 599 }),
    headers: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), fc.string()),
    at_ms: fc.array(fc.nat({ max: 86_400_000 })),
    events: fc.array(
      fc.oneof(
        fc.record({ event: line, data: line }),
        fc.record({ text }),
        fc.record({ headers: fc.dictionary(text, text), payload: text }),
        fc.record({ headers: fc.dictionary(text, text), chunk: text, after: text }),
      ),
    ),
  }),
})
