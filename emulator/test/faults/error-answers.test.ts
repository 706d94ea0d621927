import { describe, expect, test } from 'vitest'

import { createClock, createEmulator } from '../../src/index.ts'
import { calls, findCall, plainCalls, send } from './calls.ts'
import type { ProtocolCall, Received } from './calls.ts'

const claude: PlatformErrors = {
  400: [400, 'invalid_request_error', /^Invalid request$/],
  401: [401, 'authentication_error', /^invalid x-api-key$/],
  403: [403, 'permission_error', /does not have permission/],
  404: [404, 'not_found_error', /^Not Found$/],
  413: [413, 'request_too_large', /exceeds the maximum size/],
  418: [418, 'invalid_request_error', /^Invalid request$/],
  429: [429, 'rate_limit_error', /would exceed the rate limit for your organization .* requests per minute/],
  500: [500, 'api_error', /^Internal server error$/],
  502: [502, 'api_error', /^Internal server error$/],
  504: [504, 'timeout_error', /^Request timed out$/],
  529: [529, 'overloaded_error', /^Overloaded$/],
}

/** The status that a fault gives, and what the platform answers with. */
type PlatformErrors = Readonly<Record<number, readonly [status: number, type: string, text: RegExp]>>

const platformErrors: Readonly<Record<ProtocolCall['protocol'], PlatformErrors>> = {
  messages: claude,
  openai: claude,
  bedrock: {
    400: [400, 'ValidationException', /^Malformed input request/],
    401: [403, 'UnrecognizedClientException', /security token .* is invalid/],
    403: [403, 'AccessDeniedException', /^You don't have access to the model/],
    404: [404, 'ResourceNotFoundException', /identifier is invalid/],
    413: [400, 'ValidationException', /^Malformed input request/],
    418: [418, 'ValidationException', /^Malformed input request/],
    424: [424, 'ModelErrorException', /^The model returned an error/],
    429: [429, 'ThrottlingException', /^Too many requests, please wait/],
    500: [500, 'InternalServerException', /unexpected error/],
    502: [502, 'InternalServerException', /unexpected error/],
    503: [503, 'ServiceUnavailableException', /unable to process your request/],
    504: [408, 'ModelTimeoutException', /timed out/],
    529: [503, 'ServiceUnavailableException', /unable to process your request/],
  },
  vertex: {
    ...claude,
    401: [401, 'UNAUTHENTICATED', /invalid authentication credentials/],
    403: [403, 'PERMISSION_DENIED', /denied on resource .*claude-opus-4-1@20250805/],
    404: [404, 'NOT_FOUND', /^Publisher Model `projects.p.locations.global.* was not found/],
    429: [429, 'RESOURCE_EXHAUSTED', /^Quota exceeded for .*requests_per_base_model/],
  },
}

describe.each(plainCalls)('on $name', (call) => {
  test.each(Object.entries(platformErrors[call.protocol]))(
    'status %s has the type and the text of the platform',
    async (status, [given, type, text]) => {
      const received = await send(createEmulator(), call.request, { status: Number(status) })

      expect([received.status, readError(call, received).type]).toEqual([given, type])
      expect(readError(call, received).message).toMatch(text)
    },
  )

  test('an own type and text reach the client', async () => {
    for (const status of [400, 401, 418, 429, 500, 503, 529]) {
      const fault = { status, error: { type: 'out_of_tea', message: 'No tea: <is> "left" – sorry.' } }
      const received = await send(createEmulator(), call.request, fault)

      expect(readError(call, received), String(status)).toEqual(fault.error)
    }
  })

  test('an own text reaches the client with the type of the platform', async () => {
    for (const status of [400, 429, 503, 529]) {
      const normal = await send(createEmulator(), call.request, { status })
      const received = await send(createEmulator(), call.request, { status, error: 'No tea.' })

      expect(readError(call, received)).toEqual({ ...readError(call, normal), message: 'No tea.' })
      expect(received.status).toBe(normal.status)
    }
  })

  test('overloaded is status 529', async () => {
    const [one, other] = [createEmulator(), createEmulator()]

    expect(await send(one, call.request, { overloaded: true })).toEqual(
      await send(other, call.request, { status: 529 }),
    )
  })

  test('an error has own headers, and retry-after in seconds', async () => {
    const fault = { status: 503, retry_after: 7, headers: { 'X-Cause': 'tea', 'content-type': 'text/html' } }
    const { headers } = await send(createEmulator(), call.request, fault)

    expect(headers).toMatchObject({ 'retry-after': '7', 'x-cause': 'tea', 'content-type': 'text/html' })
  })

  test('error_event answers with the status of its type', async () => {
    const { status, failure } = await send(createEmulator(), call.request, {
      error_event: 'rate_limit_error',
    })

    expect([status, failure]).toEqual([429, null])
  })

  test('a request that the fault fails needs no valid body', async () => {
    const { status } = await send(createEmulator(), { ...call.request, body: {} }, { status: 500 })

    expect(status).toBe(500)
  })
})

test('a streamed call gets the error before the stream', async () => {
  for (const call of calls.filter(({ isStream }) => isStream)) {
    const received = await send(createEmulator(), call.request, { status: 529 })

    expect(received.status, call.name).toBeGreaterThanOrEqual(500)
    expect(readError(call, received).message, call.name).toMatch(/Overloaded|unable to process/)
  }
})

describe("an exception's name of Bedrock, or a code of Google Cloud", () => {
  test.each([
    ['invoke', { status: 429, error: { type: 'ModelNotReadyException' } }, 429],
    ['invoke', { status: 424, error: { type: 'modelErrorException' } }, 424],
    ['converse', { error_event: 'throttlingException' }, 429],
    ['vertex', { status: 403, error: { type: 'PERMISSION_DENIED' } }, 403],
    ['vertex', { status: 503, error: { type: 'UNAVAILABLE' } }, 503],
  ] as const)('on %s %j keeps it, and the status', async (name, fault, status) => {
    const call = findCall(name)
    const received = await send(createEmulator(), call.request, fault)
    const type = 'error' in fault ? fault.error.type : fault.error_event

    expect(received.status).toBe(status)
    expect(readError(call, received).type.toLowerCase()).toBe(type.toLowerCase())
  })
})

describe('a rate limit', () => {
  const nowMs = Date.parse('2025-08-15T12:00:00Z')
  const start = () => createEmulator({ now: createClock(nowMs).now, asOf: '2025-08-15' })

  test.each(['requests', 'input_tokens', 'output_tokens'] as const)(
    'of %s shows nothing left of it, and the others as the calls so far left them',
    async (limit) => {
      const emulator = start()
      const call = findCall('messages')
      const before = await send(emulator, call.request)
      const { status, headers } = await send(emulator, call.request, { rate_limit: limit })
      const after = await send(emulator, call.request)

      const name = limit.replace('_', '-')
      expect(status).toBe(429)
      expect(headers[`anthropic-ratelimit-${name}-remaining`]).toBe('0')
      expect(Date.parse(headers[`anthropic-ratelimit-${name}-reset`] ?? '')).toBe(nowMs + 60_000)
      expect(headers['retry-after']).toBe('1')
      for (const other of ['requests', 'input-tokens', 'output-tokens'].filter((each) => each !== name))
        expect(pick(headers, `anthropic-ratelimit-${other}-`)).toEqual(
          pick(before.headers, `anthropic-ratelimit-${other}-`),
        )
      expect(after.status).toBe(200)
      expect(Number(after.headers['anthropic-ratelimit-requests-remaining'])).toBe(
        Number(before.headers['anthropic-ratelimit-requests-remaining']) - 1,
      )
    },
  )

  test('of tokens is the one that the group of all tokens shows, under the names of OpenAI too', async () => {
    const fault = { rate_limit: 'input_tokens' } as const
    const { headers } = await send(start(), findCall('messages').request, fault)
    const { headers: chat } = await send(start(), findCall('openai').request, fault)

    for (const figure of ['limit', 'remaining', 'reset']) {
      const expected = headers[`anthropic-ratelimit-input-tokens-${figure}`]
      expect(headers[`anthropic-ratelimit-tokens-${figure}`]).toBe(expected)
      expect(chat[`x-ratelimit-${figure}-tokens`]).toBe(expected)
    }
    expect(chat['x-ratelimit-remaining-tokens']).toBe('0')
    expect(Number(chat['x-ratelimit-remaining-requests'])).toBeGreaterThan(0)
  })

  test('resets no sooner than retry_after', async () => {
    const fault = { rate_limit: true, retry_after: 90 } as const
    const { headers } = await send(start(), findCall('messages').request, fault)

    expect(headers['retry-after']).toBe('90')
    expect(Date.parse(headers['anthropic-ratelimit-requests-reset'] ?? '')).toBe(nowMs + 90_000)
  })

  test('names the configured limit, and rejects no later call', async () => {
    const limits = { requestsPerMinute: 50, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 }
    const emulator = createEmulator({ capacity: { limits } })
    const call = findCall('messages')
    const received = await send(emulator, call.request, { rate_limit: 'output_tokens' })

    expect(readError(call, received).message).toContain('of 8,000 output tokens per minute')
    expect(received.headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '50',
      'anthropic-ratelimit-tokens-limit': '8000',
    })
    expect((await send(emulator, call.request)).status).toBe(200)
  })

  test('is the default of status 429', async () => {
    expect(await send(start(), findCall('messages').request, { status: 429 })).toEqual(
      await send(start(), findCall('messages').request, { rate_limit: true }),
    )
  })

  test('of count_tokens is one of its own', async () => {
    const request = {
      path: '/v1/messages/count_tokens',
      body: { model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hi' }] },
    }
    const { headers } = await send(start(), request, { rate_limit: 'input_tokens' })

    expect(pick(headers, 'anthropic-ratelimit-')).toEqual({
      'anthropic-ratelimit-requests-limit': '8000',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2025-08-15T12:01:00Z',
    })
  })

  test.each(['foundry', 'invoke', 'converse', 'vertex'])('has no such headers on %s', async (name) => {
    const call = findCall(name)
    const { status, headers } = await send(start(), call.request, { rate_limit: true })

    expect(status).toBe(429)
    expect(Object.keys(headers).filter((each) => /ratelimit/.test(each))).toEqual([])
  })
})

function pick(headers: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(prefix)))
}

/** Type and text of an error where clients of the protocol look for them. */
function readError(
  { protocol }: ProtocolCall,
  { text, headers }: Received,
): { readonly type: string; readonly message: string } {
  const body = JSON.parse(text)
  if (protocol === 'bedrock')
    return { type: headers['x-amzn-errortype']?.split(':')[0] ?? '', message: body.message }
  const { error } = Array.isArray(body) ? body[0] : body
  return { type: error.type ?? error.status, message: error.message }
}
