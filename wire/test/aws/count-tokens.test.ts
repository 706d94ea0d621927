import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCountTokens, parseCountTokens } from '../../src/aws/count-tokens.ts'

describe('a request', () => {
  test('with an InvokeModel body returns its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const body = Buffer.from(bytes).toString('base64')

        expect(parse(JSON.stringify({ input: { invokeModel: { body } } }))).toEqual({
          ok: true,
          kind: 'invokeModel',
          body: bytes,
        })
      }),
    )
  })

  test('uses the given base64 decoder', () => {
    const request = utf8.encode('{"input":{"invokeModel":{"body":"e30="},"converse":null}}')

    expect(parseCountTokens(request, (text) => utf8.encode(text))).toMatchObject({
      body: utf8.encode('e30='),
    })
  })

  test('with a Converse body returns the part to count', () => {
    expect(parse('{"input":{"converse":{"messages":[],"system":[{"text":"s"}]}}}')).toEqual({
      ok: true,
      kind: 'converse',
      converse: { messages: [], system: [{ text: 's' }] },
    })
  })

  test.each([
    ['', 'The request body is not a valid JSON object.'],
    ['[]', 'The request body is not a valid JSON object.'],
    [
      '{}',
      'Malformed input request: #: required key [input] not found, please reformat your input and try again.',
    ],
    ['{"input":{}}', 'input: exactly one of invokeModel and converse must be set'],
    ['{"input":7}', 'input: exactly one of invokeModel and converse must be set'],
    [
      '{"input":{"invokeModel":{"body":""},"converse":{}}}',
      'input: exactly one of invokeModel and converse must be set',
    ],
    ['{"input":{"rerank":{}}}', 'input: one of invokeModel and converse must be an object'],
    ['{"input":{"converse":[]}}', 'input: one of invokeModel and converse must be an object'],
    ['{"input":{"invokeModel":{}}}', 'input.invokeModel.body: Input should be valid base64'],
    ['{"input":{"invokeModel":{"body":"{}"}}}', 'input.invokeModel.body: Input should be valid base64'],
  ])('is rejected: %s', (text, message) => {
    expect(parse(text)).toEqual({ ok: false, type: 'ValidationException', message })
  })

  test('of any JSON is parsed or rejected', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(typeof parse(text).ok).toBe('boolean')
      }),
    )
  })
})

test('the response has one number', () => {
  expect(new TextDecoder().decode(encodeCountTokens(42))).toBe('{"inputTokens":42}')
})

const utf8 = new TextEncoder()

function parse(text: string) {
  return parseCountTokens(utf8.encode(text))
}
