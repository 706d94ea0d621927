import { describe, expect, test } from 'vitest'
import { wireErrors } from '../../src/messages/error-envelope.ts'
import {
  encodeGoogleError,
  toGoogleError,
  googleErrors,
  googleTexts,
  parseGoogleError,
} from '../../src/google/google-error.ts'
import type { GoogleErrorStatus } from '../../src/google/google-error.ts'

test('states have the status of google.rpc.Code', () => {
  expect(Object.entries(googleErrors).map(([state, { status }]) => [state, status])).toEqual([
    ['INVALID_ARGUMENT', 400],
    ['FAILED_PRECONDITION', 400],
    ['OUT_OF_RANGE', 400],
    ['UNAUTHENTICATED', 401],
    ['PERMISSION_DENIED', 403],
    ['NOT_FOUND', 404],
    ['ALREADY_EXISTS', 409],
    ['ABORTED', 409],
    ['RESOURCE_EXHAUSTED', 429],
    ['CANCELLED', 499],
    ['INTERNAL', 500],
    ['UNKNOWN', 500],
    ['UNIMPLEMENTED', 501],
    ['UNAVAILABLE', 503],
    ['DEADLINE_EXCEEDED', 504],
  ])
})

describe('an error of the Claude API or the gateway', () => {
  test.each<[number, string | null, GoogleErrorStatus]>([
    [400, 'invalid_request_error', 'INVALID_ARGUMENT'],
    [401, 'authentication_error', 'UNAUTHENTICATED'],
    [402, 'billing_error', 'RESOURCE_EXHAUSTED'],
    [429, 'billing_error', 'RESOURCE_EXHAUSTED'],
    [403, 'permission_error', 'PERMISSION_DENIED'],
    [404, 'not_found_error', 'NOT_FOUND'],
    [405, 'invalid_request_error', 'INVALID_ARGUMENT'],
    [408, 'invalid_request_error', 'DEADLINE_EXCEEDED'],
    [409, 'conflict_error', 'ABORTED'],
    [413, 'request_too_large', 'INVALID_ARGUMENT'],
    [429, 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
    [500, 'api_error', 'INTERNAL'],
    [502, 'api_error', 'UNAVAILABLE'],
    [503, 'api_error', 'UNAVAILABLE'],
    [504, 'timeout_error', 'DEADLINE_EXCEEDED'],
    [529, 'overloaded_error', 'UNAVAILABLE'],
    [418, 'teapot_error', 'INVALID_ARGUMENT'],
    [599, 'toString', 'INTERNAL'],
    [401, null, 'UNAUTHENTICATED'],
  ])('%d %s becomes %s with the same message', (status, type, state) => {
    expect(toGoogleError({ status, type, message: 'Input is too long.' })).toEqual({
      status: state,
      message: 'Input is too long.',
    })
  })

  test('round-trips to the same type, for every type that Google distinguishes', () => {
    const merged: Record<string, string> = {
      billing_error: 'rate_limit_error',
      request_too_large: 'invalid_request_error',
    }
    for (const { status, type } of wireErrors) {
      const sent = encodeGoogleError(toGoogleError({ status, type, message: 'm' }))

      expect(parseGoogleError(sent.status, sent.body).wireType).toBe(merged[type] ?? type)
    }
  })
})

describe('an error response', () => {
  test('has the shape of google.rpc.Status', () => {
    const answer = encodeGoogleError({
      status: 'UNAUTHENTICATED',
      message: googleTexts.badCredentials,
      reason: 'ACCESS_TOKEN_EXPIRED',
    })

    expect(answer.status).toBe(401)
    expect(answer.headers).toEqual({ 'content-type': 'application/json; charset=UTF-8' })
    expect(json(answer.body)).toEqual({
      error: {
        code: 401,
        message:
          'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
        status: 'UNAUTHENTICATED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'ACCESS_TOKEN_EXPIRED',
            domain: 'googleapis.com',
            metadata: { service: 'aiplatform.googleapis.com' },
          },
        ],
      },
    })
  })

  test('is an array on a stream', () => {
    const answer = encodeGoogleError({ status: 'NOT_FOUND', message: 'm' }, { stream: true })

    expect(json(answer.body)).toEqual([{ error: { code: 404, message: 'm', status: 'NOT_FOUND' } }])
  })

  test('is parsed as it was encoded, in an array or not', () => {
    for (const stream of [false, true]) {
      const { status, body } = encodeGoogleError(
        {
          status: 'RESOURCE_EXHAUSTED',
          message: 'Resource exhausted. Please try again later.',
          reason: 'RATE_LIMIT_EXCEEDED',
        },
        { stream },
      )

      expect(parseGoogleError(status, body)).toEqual({
        type: 'RESOURCE_EXHAUSTED',
        message: 'Resource exhausted. Please try again later.',
        reason: 'RATE_LIMIT_EXCEEDED',
        requestId: null,
        wireStatus: 429,
        wireType: 'rate_limit_error',
      })
    }
  })
})

describe('parsing a response of Google Cloud', () => {
  test.each([
    {
      title: 'of the model itself',
      status: 400,
      body: '{"type":"error","error":{"type":"invalid_request_error","message":"m"},"request_id":"req_vrtx_1"}',
      type: 'invalid_request_error',
      message: 'm',
      requestId: 'req_vrtx_1',
      wire: [400, 'invalid_request_error'],
    },
    {
      title: 'of an overloaded model',
      status: 529,
      body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      type: 'overloaded_error',
      message: 'Overloaded',
      wire: [529, 'overloaded_error'],
    },
    {
      title: 'without a state',
      status: 503,
      body: '{"error":{"message":"m"}}',
      message: 'm',
      wire: [529, 'overloaded_error'],
    },
    {
      title: 'with a state of tomorrow',
      status: 403,
      body: '{"error":{"message":"m","status":"NEW"}}',
      type: 'NEW',
      message: 'm',
      wire: [403, 'permission_error'],
    },
    { title: 'from a proxy', status: 502, body: '<html>', message: '<html>', wire: [502, 'api_error'] },
    {
      title: 'about its size',
      status: 400,
      body: '{"error":{"code":400,"message":"The request size (30037042 bytes) exceeds 30.000MB limit.","status":"INVALID_ARGUMENT"}}',
      type: 'INVALID_ARGUMENT',
      message: 'Input is too long.',
      wire: [400, 'invalid_request_error'],
    },
    {
      title: 'about its size, with the other text',
      status: 400,
      body: '[{"error":{"message":"The message size (1 bytes) exceeds 1MB limit.","status":"INVALID_ARGUMENT"}}]',
      type: 'INVALID_ARGUMENT',
      message: 'Input is too long.',
      wire: [400, 'invalid_request_error'],
    },
    {
      title: 'of the front door about its size',
      status: 413,
      body: '<html>',
      message: 'Input is too long.',
      wire: [413, 'request_too_large'],
    },
  ])('$title', ({ status, body, type = null, message, requestId = null, wire }) => {
    const read = parseGoogleError(status, new TextEncoder().encode(body))

    expect(read).toEqual({
      type,
      message,
      requestId,
      reason: null,
      wireStatus: wire[0],
      wireType: wire[1],
    })
  })
})

test('texts are those that clients see', () => {
  const resource = 'projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-9'

  expect(googleTexts.unknownModel(resource)).toContain(
    'Publisher Model `projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-9` was not found or your project does not have access to it. Please ensure you are using a valid model version.',
  )
  expect(
    googleTexts.quotaExceeded('online_prediction_requests_per_base_model', 'anthropic-claude-opus'),
  ).toBe(
    'Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: anthropic-claude-opus. Please submit a quota increase request. https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.',
  )
})

function json(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}
