import { describe, expect, test } from 'vitest'
import {
  toBedrockError,
  bedrockErrors,
  encodeBedrockError,
  exceptionMember,
  getMemberException,
  parseBedrockError,
} from '../../src/aws/bedrock-error.ts'
import type { BedrockErrorType } from '../../src/aws/bedrock-error.ts'
import { wireErrors } from '../../src/messages/error-envelope.ts'

describe('an error of the Claude API or the gateway', () => {
  test.each<[number, string | null, BedrockErrorType]>([
    [400, 'invalid_request_error', 'ValidationException'],
    [401, 'authentication_error', 'UnrecognizedClientException'],
    [402, 'billing_error', 'ServiceQuotaExceededException'],
    [429, 'billing_error', 'ServiceQuotaExceededException'],
    [403, 'permission_error', 'AccessDeniedException'],
    [404, 'not_found_error', 'ResourceNotFoundException'],
    [405, 'invalid_request_error', 'ValidationException'],
    [408, 'invalid_request_error', 'RequestTimeoutException'],
    [409, 'conflict_error', 'ValidationException'],
    [413, 'request_too_large', 'ValidationException'],
    [424, 'api_error', 'ModelErrorException'],
    [429, 'rate_limit_error', 'ThrottlingException'],
    [431, 'invalid_request_error', 'ValidationException'],
    [500, 'api_error', 'InternalServerException'],
    [502, 'api_error', 'InternalServerException'],
    [503, 'api_error', 'ServiceUnavailableException'],
    [503, 'overloaded_error', 'ServiceUnavailableException'],
    [504, 'timeout_error', 'ModelTimeoutException'],
    [529, 'overloaded_error', 'ServiceUnavailableException'],
    [418, 'teapot_error', 'ValidationException'],
    [599, 'constructor', 'InternalServerException'],
    [403, null, 'AccessDeniedException'],
    [500, null, 'InternalServerException'],
  ])('%d %s becomes a %s with the same message', (status, type, exception) => {
    expect(toBedrockError({ status, type, message: 'prompt is too long: 9 tokens > 8 maximum' })).toEqual({
      type: exception,
      message: 'prompt is too long: 9 tokens > 8 maximum',
    })
  })

  test('round-trips to the same type, for every type that Bedrock distinguishes', () => {
    const merged = { conflict_error: 'invalid_request_error', request_too_large: 'invalid_request_error' }
    for (const { status, type } of wireErrors) {
      const sent = encodeBedrockError(toBedrockError({ status, type, message: 'm' }), 'id')

      const read = parseBedrockError({
        status: sent.status,
        errorType: sent.headers['x-amzn-errortype'],
        body: sent.body,
      })

      expect(read.wireType).toBe(Object.entries(merged).find(([name]) => name === type)?.[1] ?? type)
    }
  })
})

test('a response has the status, header and body that AWS clients read', () => {
  const answer = encodeBedrockError(
    { type: 'ModelErrorException', message: 'no', originalStatusCode: 500, resourceName: 'm' },
    '0b3f',
  )

  expect(answer.status).toBe(424)
  expect(answer.headers).toEqual({
    'content-type': 'application/json',
    'x-amzn-requestid': '0b3f',
    'x-amzn-errortype': 'ModelErrorException:http://internal.amazon.com/coral/com.amazon.bedrock/',
  })
  expect(new TextDecoder().decode(answer.body)).toBe(
    '{"message":"no","originalStatusCode":500,"resourceName":"m"}',
  )
})

test('statuses and retries match Bedrock', () => {
  const rows = Object.entries(bedrockErrors).map(([name, { status, retry }]) => [name, status, retry])

  expect(rows).toEqual([
    ['ValidationException', 400, false],
    ['SerializationException', 400, false],
    ['ServiceQuotaExceededException', 400, false],
    ['AccessDeniedException', 403, false],
    ['UnrecognizedClientException', 403, false],
    ['InvalidSignatureException', 403, false],
    ['ExpiredTokenException', 403, false],
    ['IncompleteSignatureException', 403, false],
    ['MissingAuthenticationTokenException', 403, false],
    ['ResourceNotFoundException', 404, false],
    ['UnknownOperationException', 404, false],
    ['RequestTimeoutException', 408, true],
    ['ModelTimeoutException', 408, false],
    ['ModelErrorException', 424, false],
    ['ModelStreamErrorException', 424, false],
    ['ThrottlingException', 429, true],
    ['ModelNotReadyException', 429, true],
    ['InternalServerException', 500, true],
    ['ServiceUnavailableException', 503, true],
  ])
})

describe('parsing a response of Bedrock', () => {
  test.each([
    {
      title: 'with a URL after the name',
      status: 429,
      errorType: 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/',
      body: '{"message":"Too many tokens, please wait before trying again."}',
      type: 'ThrottlingException',
      message: 'Too many tokens, please wait before trying again.',
      wire: [429, 'rate_limit_error'],
    },
    {
      title: 'named in the body, after a namespace',
      status: 403,
      body: '{"__type":"com.amazon.coral.service#ExpiredTokenException","Message":"expired"}',
      type: 'ExpiredTokenException',
      message: 'expired',
      wire: [401, 'authentication_error'],
    },
    {
      title: 'named by a code',
      status: 400,
      body: '{"code":"ValidationException","message":"m"}',
      type: 'ValidationException',
      message: 'm',
      wire: [400, 'invalid_request_error'],
    },
    {
      title: 'with a name of tomorrow',
      status: 403,
      errorType: 'NewException',
      body: '{"message":"m"}',
      type: 'NewException',
      message: 'm',
      wire: [403, 'permission_error'],
    },
    {
      title: 'with a name that objects inherit',
      status: 404,
      errorType: 'toString',
      body: '',
      type: 'toString',
      message: '',
      wire: [404, 'not_found_error'],
    },
    { title: 'without a name', status: 503, body: '{}', wire: [529, 'overloaded_error'] },
    { title: 'with a timeout and no name', status: 408, body: '{}', wire: [504, 'timeout_error'] },
    { title: 'of a failed model and no name', status: 424, body: '{}', wire: [500, 'api_error'] },
    { title: 'from a proxy', status: 502, body: '<html>', wire: [502, 'api_error'] },
  ])('$title', ({ status, errorType, body, type = null, message = body, wire }) => {
    const read = parseBedrockError({ status, errorType, body: new TextEncoder().encode(body) })

    expect(read).toEqual({ type, message, wireStatus: wire[0], wireType: wire[1] })
  })
})

test('exception names in a stream start in lower case and round-trip', () => {
  expect(exceptionMember('ModelStreamErrorException')).toBe('modelStreamErrorException')
  expect(getMemberException('modelStreamErrorException')).toBe('ModelStreamErrorException')
})
