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
import { jsonText, utf8 } from './invoke-events.ts'

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
