import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createInvokeSseDecoder } from '../../src/aws/invoke-sse-decoder.ts'
import type { InvokeSseDecoder } from '../../src/aws/invoke-sse-decoder.ts'
import { createInvokeStreamDecoder, encodeInvokeSse } from '../../src/aws/invoke-stream-decoder.ts'
import { createInvokeStreamEncoder } from '../../src/aws/invoke-stream.ts'
import { decodeBase64 } from '../../src/aws/base64.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import { randomJsonText } from '../body/json-text.ts'
import { WireError } from '../../src/error.ts'
import { createFrameDecoder, encodeFrame, preludeBytes } from '../../src/aws/event-stream.ts'
import { eventFrameHeaders } from '../../src/aws/frame-headers.ts'
import { getSse, jsonText, utf8 } from './invoke-events.ts'

const delta = randomJsonText.map((text) => `{"type":"content_block_delta","index":0,"delta":${text}}`)
const other = fc.oneof(
  randomJsonText,
  fc.constantFrom(
    '{"type":"content_block_delt"}',
    '{"type":"content_block_deltas"}',
    '{"type":"content_block_delta"',
    '{"type":"content_block_delta","delta":\n{}}',
    '{"type":"content_block_delta","delta":\r\n{}}',
    '{"type":"message_start","message":{}}',
    '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}',
    '{"type":"ping"}',
    '{}',
    '',
  ),
)

test('its bytes are those of the events, one by one, wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: delta }, other), { maxLength: 6 }),
      randomCuts,
      (texts, cuts) => {
        const encoder = createInvokeStreamEncoder({ paddingLength: () => 5 })
        const stream = joinBytes(texts.map((text) => encoder.event(utf8.encode(text))))
        const expected = createInvokeStreamDecoder()
          .push(stream)
          .map((event) => encodeInvokeSse(event))

        const decoder = create()
        const read = cutAt(stream, cuts).map((piece) => decoder.push(piece).slice())
        decoder.end()

        expect(jsonText(joinBytes(read))).toBe(jsonText(joinBytes(expected)))
      },
    ),
  )
})

test('deltas that begin alike are read as all others, whatever their text, their padding and the cuts', () => {
  const text = fc.oneof(fc.string({ maxLength: 90 }), fc.constantFrom('x'.repeat(500), 'y'.repeat(2_000)))
  const padding = fc.array(fc.nat({ max: 62 }), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), padding, randomCuts, (texts, paddings, cuts) => {
      const lengths = paddings.values()
      const encoder = createInvokeStreamEncoder({ paddingLength: () => lengths.next().value ?? 0 })
      const jsons = texts.map(textDelta)
      const stream = joinBytes(jsons.map((json) => encoder.event(utf8.encode(json))))

      const decoder = create()
      const read = cutAt(stream, cuts).map((piece) => decoder.push(piece).slice())
      decoder.end()

      expect(jsonText(joinBytes(read))).toBe(
        jsons.map((json) => getSse('content_block_delta', json)).join(''),
      )
    }),
  )
})

test('a changed byte in a delta is found, wherever it is', () => {
  const encoder = createInvokeStreamEncoder({ paddingLength: () => 3 })
  const [first, second] = ['a', 'b'].map((text) => encoder.event(utf8.encode(textDelta(text.repeat(9)))))
  const stream = joinBytes([first, second].filter((frame) => frame !== undefined))
  const firstBytes = stream.length / 2

  for (let at = firstBytes; at < stream.length; at += 1) {
    const broken = stream.slice()
    broken[at] = (broken[at] ?? 0) ^ 0x04
    expect(getCode(() => create().push(broken))).toBe(
      at < firstBytes + preludeBytes ? 'frame_prelude_crc' : 'frame_message_crc',
    )
  }
})

test('a message with right checksums around wrong base64 is an error', () => {
  const right = createInvokeStreamEncoder().event(utf8.encode(textDelta('a text')))
  const [{ payload } = { payload: right }] = createFrameDecoder().push(right)
  const wrong = jsonText(payload).replace(/.{4}"\}$/, '?"}')
  const stream = joinBytes([right, encodeFrame(eventFrameHeaders('chunk'), utf8.encode(wrong))])

  expect(getCode(() => create().push(stream))).toBe('frame_payload')
})

test('a line end between the tokens of a delta becomes a line of its own', () => {
  const jsons = ['a', 'b'].map((text) => `${textDelta(text).slice(0, -1)}\n}`)
  const encoder = createInvokeStreamEncoder()
  const stream = joinBytes([textDelta('a'), ...jsons].map((json) => encoder.event(utf8.encode(json))))

  expect(jsonText(create().push(stream))).toBe(
    [textDelta('a'), ...jsons].map((json) => getSse('content_block_delta', json)).join(''),
  )
})

test('a delta that is not in the usual form is read as any other event', () => {
  const json = '{"type":"content_block_delta","index":0}'
  const stream = createInvokeStreamEncoder().event(utf8.encode(json))

  expect(jsonText(create({ writeBase64: () => -1 }).push(stream))).toBe(
    `event: content_block_delta\ndata: ${json}\n\n`,
  )
})

test('a stream that ends inside a message is an error', () => {
  const stream = createInvokeStreamEncoder().event(utf8.encode('{"type":"content_block_delta","index":0}'))
  const cut = create()
  cut.push(stream.subarray(0, -1))
  expect(() => cut.end()).toThrow('ended inside a message')
})

function textDelta(text: string): string {
  return JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
}

function getCode(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error instanceof WireError ? error.code : error
  }
}

function create(own: Partial<Parameters<typeof createInvokeSseDecoder>[0]> = {}): InvokeSseDecoder {
  const read = (ascii: Uint8Array) => decodeBase64(new TextDecoder().decode(ascii))
  return createInvokeSseDecoder({
    allocate: (bytes) => new Uint8Array(bytes).fill(0x0a),
    decodeBase64: read,
    writeBase64: (source, { start, end }, target, at) => {
      const bytes = read(source.subarray(start, end))
      if (bytes === null) return -1
      target.set(bytes, at)
      return bytes.length
    },
    ...own,
  })
}
