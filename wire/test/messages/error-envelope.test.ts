import { describe, expect, test } from 'vitest'
import { encodeError, getErrorType, parseError, readError } from '../../src/messages/error-envelope.ts'

describe('encoding', () => {
  test('writes the envelope of the API', () => {
    const bytes = encodeError({ type: 'not_found_error', message: 'model: claude-9', requestId: 'req_1' })

    expect(decode.decode(bytes)).toBe(
      '{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"},"request_id":"req_1"}',
    )
  })

  test('omits a missing request id, and includes details', () => {
    const details = { error_code: 'enforced_spend_limit_reached' }

    const bytes = encodeError({ type: 'billing_error', message: '"Grüße"\n', requestId: null, details })

    expect(JSON.parse(decode.decode(bytes))).toEqual({
      type: 'error',
      error: { type: 'billing_error', message: '"Grüße"\n', details },
    })
  })
})

test.each([
  [
    '<!doctype html><title>502 Bad Gateway</title>',
    'The upstream answered with status 502 and no readable error.',
  ],
  [' \n', 'The upstream answered with status 502 and no readable error.'],
  ['{"reason":"x"}', 'The upstream answered with status 502 and no readable error.'],
  ['{"detail":[{"loc":["body"]}]}', 'The upstream answered with status 502 and no readable error.'],
  ['upstream connect error', 'upstream connect error'],
  ['{"message":"slow down"}', 'slow down'],
])('the error %s has a sentence for clients of other protocols', (body, message) => {
  expect(readError(502, new TextEncoder().encode(body))).toEqual({ type: null, message })
})

test.each([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [422, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [502, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])('maps status %i to the type %s', (status, type) => {
  expect(getErrorType(status)).toBe(type)
})

describe("reading an upstream's error", () => {
  const nothing = { type: null, errorCode: null, requestId: null }

  test.each([
    [
      'the envelope of the API',
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}',
      { type: 'overloaded_error', message: 'Overloaded', errorCode: null, requestId: 'req_1' },
    ],
    [
      'an error code in its details',
      '{"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"error_code":"file_expired"}}}',
      { type: 'invalid_request_error', message: 'm', errorCode: 'file_expired', requestId: null },
    ],
    [
      "AWS's shape",
      '{"message":"Input is too long for requested model."}',
      { ...nothing, message: 'Input is too long for requested model.' },
    ],
    [
      "AWS's shape with a name",
      '{"__type":"ThrottlingException","Message":"Too many requests"}',
      { ...nothing, type: 'ThrottlingException', message: 'Too many requests' },
    ],
    [
      "Google's shape",
      '[{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}]',
      { ...nothing, type: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' },
    ],
    [
      "OpenAI's shape",
      '{"error":{"message":"Nope","type":"invalid_request_error","param":null,"code":null}}',
      { ...nothing, type: 'invalid_request_error', message: 'Nope' },
    ],
    [
      "OAuth's shape",
      '{"error":"invalid_grant","error_description":"Token expired"}',
      { ...nothing, message: 'Token expired' },
    ],
    ['an error that is a string', '{"error":"no such key"}', { ...nothing, message: 'no such key' }],
    ["FastAPI's shape", '{"detail":"Not Found"}', { ...nothing, message: 'Not Found' }],
    [
      "FastAPI's shape for a body that is wrong",
      '{"detail":[{"loc":["body","messages",0],"msg":"Field required","type":"missing"},{"msg":"Too long"},7]}',
      { ...nothing, message: 'body.messages.0: Field required; Too long' },
    ],
    ['a page of HTML', '<html>502</html>', { ...nothing, message: '<html>502</html>' }],
    ['an empty body', '', { ...nothing, message: '' }],
    [
      'fields of the wrong kind',
      '{"error":{"type":1,"message":[]}}',
      {
        ...nothing,
        message: '{"error":{"type":1,"message":[]}}',
      },
    ],
    ['JSON that is not an object', 'null', { ...nothing, message: 'null' }],
    ['an empty list', '[]', { ...nothing, message: '[]' }],
  ])('parses %s', (_, body, parsed) => {
    expect(parseError(new TextEncoder().encode(body))).toEqual(parsed)
  })

  test('parses bytes that are not UTF-8', () => {
    expect(parseError(Uint8Array.of(0xff, 0x41)).message).toBe('\u{fffd}A')
  })

  test('truncates an endless message', () => {
    expect(parseError(new Uint8Array(10_000_000).fill(0x41)).message).toHaveLength(4_096)
  })
})

const decode = new TextDecoder()
