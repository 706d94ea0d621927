import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { MessageUsage } from '@anthology/wire'

import type { CachedPrompt } from '../../src/cache/measure.ts'
import { createCapacity } from '../../src/capacity/capacity.ts'
import type { CapacityOptions, RateHeaders, ServiceTier } from '../../src/capacity/capacity.ts'
import type { ValidRequest } from '../../src/message/valid-request.ts'
import { accept } from '../cache/calls.ts'
import type { Body } from '../cache/calls.ts'

const limits = { requestsPerMinute: 50, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 }
const organizationId = '01234567-89ab-4cde-8f01-23456789abcd'

describe('without limits', () => {
  test('every call is admitted, and the headers report the highest tier of the day', () => {
    const { call, pass } = create({})

    expect(call({ input: 10_400, output: 1_600 }).headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-ratelimit-requests-remaining': '3999',
      'anthropic-ratelimit-input-tokens-limit': '2000000',
      'anthropic-ratelimit-input-tokens-remaining': '1990000',
      'anthropic-ratelimit-output-tokens-limit': '400000',
      'anthropic-ratelimit-output-tokens-remaining': '398000',
      'anthropic-ratelimit-tokens-limit': '2400000',
      'anthropic-ratelimit-tokens-reset': '2025-08-15T00:00:01Z',
    })
    expect(call({ input: 10_000_000, output: 1_000_000 })).toMatchObject({
      status: 200,
      tier: 'standard',
      headers: { 'anthropic-ratelimit-input-tokens-remaining': '0' },
    })
    // What was used in excess is not owed: a tenth of a minute refills a tenth.
    pass(6)
    expect(call({ input: 0, output: 0 }).headers['anthropic-ratelimit-input-tokens-remaining']).toBe('200000')
  })

  test('the figures are those of the class of models, and of the tiers since June 2026', () => {
    const { call } = create({})
    const getLimit = (model: string, day: string) =>
      call({ body: { model } }, { day }).headers['anthropic-ratelimit-input-tokens-limit']

    expect(getLimit('claude-haiku-4-5', '2025-11-22')).toBe('4000000')
    expect(getLimit('claude-3-haiku-20240307', '2025-11-22')).toBe('400000')
    expect(getLimit('claude-opus-5-5', '2026-11-22')).toBe('10000000')
    expect(getLimit('claude-fable-5-1', '2026-11-22')).toBe('4000000')
  })

  test('a batch has no such headers, and counting tokens reports its requests', () => {
    const { call } = create({})
    const capacity = createCapacity({}, { organizationId, now: () => 0 })
    const { model, day } = accept({ messages: [{ role: 'user', content: 'Hi' }] })
    const counted = capacity.admitCount(model, day)

    expect(call({}, { batch: true }).headers).toEqual({})
    expect(counted.ok && counted.settle()).toEqual({
      'anthropic-ratelimit-requests-limit': '8000',
      'anthropic-ratelimit-requests-remaining': '7999',
      'anthropic-ratelimit-requests-reset': '1970-01-01T00:00:01Z',
    })
  })
})

describe('rate limits', () => {
  test('headers report the remaining amount and the reset time, tokens to the thousand', () => {
    const { call } = create({ limits })

    expect(call({ input: 10_400, output: 1_600 }).headers).toEqual({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      // A fiftieth of a minute, rounded up to the next second.
      'anthropic-ratelimit-requests-reset': '2025-08-15T00:00:02Z',
      'anthropic-ratelimit-input-tokens-limit': '30000',
      'anthropic-ratelimit-input-tokens-remaining': '20000',
      'anthropic-ratelimit-input-tokens-reset': '2025-08-15T00:00:21Z',
      'anthropic-ratelimit-output-tokens-limit': '8000',
      'anthropic-ratelimit-output-tokens-remaining': '6000',
      'anthropic-ratelimit-output-tokens-reset': '2025-08-15T00:00:12Z',
      'anthropic-ratelimit-tokens-limit': '38000',
      'anthropic-ratelimit-tokens-remaining': '26000',
      'anthropic-ratelimit-tokens-reset': '2025-08-15T00:00:21Z',
    })
  })

  test('a call that exceeds the input tokens is rejected with the text of 2025 and the time to wait', () => {
    const { call } = create({ limits })

    call({ input: 20_000 })
    const { status, message, headers } = call({ input: 20_000 })

    expect(status).toBe(429)
    expect(message).toContain(
      `This request would exceed the rate limit for your organization (${organizationId}) of 30,000 input tokens ` +
        'per minute. For details, refer to: https://docs.anthropic.com/en/api/rate-limits.',
    )
    // 10,000 tokens are missing, at 500 per second.
    expect(headers).toMatchObject({
      'retry-after': '20',
      'anthropic-ratelimit-input-tokens-remaining': '10000',
      'anthropic-ratelimit-requests-remaining': '49',
    })
  })

  test('a call is admitted after exactly retry-after, unless it exceeds the limit itself', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 20 })
    const limit = fc.integer({ min: 1, max: 30_000 })

    fc.assert(
      fc.property(limit, sizes, (inputTokensPerMinute, inputs) => {
        const { call, pass } = create({ limits: { ...limits, inputTokensPerMinute } })
        for (const input of inputs) {
          const { status, headers } = call({ input, output: 0 })
          if (status === 200) continue
          pass(Number(headers['retry-after']) - 1)
          expect(call({ input, output: 0 }).status).toBe(429)
          pass(1)
          expect(call({ input, output: 0 }).status).toBe(input > inputTokensPerMinute ? 429 : 200)
        }
      }),
    )
  })

  test('a wait of whole seconds is not rounded up to the next', () => {
    const { call, pass } = create({ limits: { ...limits, inputTokensPerMinute: 29_988 } })

    call({ input: 15_713 })
    const waits = [18_036, 7_853, 28_370].map((input) => {
      const wait = Number(call({ input }).headers['retry-after'])
      pass(wait)
      call({ input })
      return wait
    })

    // At 499.8 tokens per second 3,761, 7,615.6 and 27,988.8 are missing: the last are those of exactly 56 seconds.
    expect(waits).toEqual([8, 16, 56])
    expect(call({ input: 1 }).status).toBe(429)
  })

  test('requests are limited as well, with another text in 2026', () => {
    const { call } = create({ limits: { ...limits, requestsPerMinute: 1 } })
    const today = { day: '2026-11-22' }

    call({ input: 1 }, today)

    expect(call({ input: 1 }, today).message).toContain(
      "This request would exceed your organization's rate limit of 1 requests per minute " +
        `(org: ${organizationId}, model: claude-opus-4-1-20250805).`,
    )
  })

  test('output is reserved by max_tokens in 2025 and settled by the actual output', () => {
    const { call } = create({ limits })

    expect(call({ body: { max_tokens: 8_001 } }).message).toContain('8,000 output tokens per minute')
    expect(call({ body: { max_tokens: 8_000 }, output: 100 }).status).toBe(200)
    expect(call({ body: { max_tokens: 7_900 }, output: 100 }).status).toBe(200)
    expect(call({ body: { max_tokens: 7_900 }, output: 100 }).status).toBe(429)
  })

  test('since the limits of June 2026 only the actual output counts', () => {
    const { call, pass } = create({ limits })
    const today = { day: '2026-11-22' }

    expect(call({ body: { max_tokens: 64_000 }, output: 8_000 }, today).status).toBe(200)
    expect(call({ body: { max_tokens: 10 }, output: 10 }, today).status).toBe(429)
    pass(1)
    expect(call({ body: { max_tokens: 10 }, output: 10 }, today).status).toBe(200)
  })

  test('tokens read from the cache do not count, except for Haiku 3.5, Haiku 3 and Opus 3', () => {
    const left = (model: string) =>
      create({ limits }).call({ input: 1_000, written: 2_000, read: 10_000, body: { model } }).headers[
        'anthropic-ratelimit-input-tokens-remaining'
      ]

    expect(left('claude-opus-4-1')).toBe('27000')
    expect(left('claude-3-5-haiku-20241022')).toBe('17000')
  })

  test('Opus 4.x models share a limit, others have their own', () => {
    const { call } = create({ limits: { ...limits, requestsPerMinute: 1 } })
    const ask = (model: string) => call({ body: { model } }).status

    expect(['claude-opus-4-1', 'claude-opus-4-5', 'claude-sonnet-4-5', 'claude-sonnet-4-6'].map(ask)).toEqual(
      [200, 429, 200, 429],
    )
    expect(['claude-opus-5', 'claude-opus-5-5', 'claude-fable-5', 'claude-fable-5-1'].map(ask)).toEqual([
      200, 200, 200, 429,
    ])
  })

  test('a rejected call takes nothing, and batches are not counted', () => {
    const { call } = create({ limits })

    call({ input: 40_000 })
    call({ input: 40_000 }, { batch: true })

    expect(call({ input: 30_000 }).status).toBe(200)
  })

  test('counting tokens has a separate limit', () => {
    const capacity = createCapacity(
      { limits: { ...limits, countRequestsPerMinute: 1 } },
      { organizationId, now: () => 0 },
    )
    const { model, day } = accept({ messages: [{ role: 'user', content: 'Hi' }] })

    const first = capacity.admitCount(model, day)
    expect(first.ok && first.settle()).toMatchObject({ 'anthropic-ratelimit-requests-remaining': '0' })
    expect(capacity.admitCount(model, day)).toMatchObject({
      ok: false,
      error: { status: 429 },
      headers: { 'retry-after': '60' },
    })
  })

  test('a limit of zero is an error', () => {
    expect(() => create({ limits: { ...limits, requestsPerMinute: 0 } })).toThrow(RangeError)
  })
})

describe('priority', () => {
  const priority = { inputTokensPerMinute: 10_000, outputTokensPerMinute: 1_000 }
  const body = { max_tokens: 100 }

  test('calls are priority while the commitment lasts, then standard', () => {
    const { call } = create({ priority })

    expect([1, 2, 3].map(() => call({ input: 5_000, output: 10, body }).tier)).toEqual([
      'priority',
      'priority',
      'standard',
    ])
  })

  test('the remaining commitment is reported', () => {
    const { call } = create({ priority })

    expect(call({ input: 4_000, output: 500, body }).headers).toMatchObject({
      'anthropic-priority-input-tokens-limit': '10000',
      'anthropic-priority-input-tokens-remaining': '6000',
      'anthropic-priority-input-tokens-reset': '2025-08-15T00:00:24Z',
      'anthropic-priority-output-tokens-limit': '1000',
      'anthropic-priority-output-tokens-remaining': '1000',
      'anthropic-priority-output-tokens-reset': '2025-08-15T00:00:30Z',
    })
  })

  // By the weights of the service tiers page: 1,000 + 1.25 x 2,000 + 0.1 x 5,000 = 4,000.
  test('cached tokens count with their weights', () => {
    const { call } = create({ priority })

    expect(
      call({ input: 1_000, written: 2_000, read: 5_000, output: 1, body }).headers[
        'anthropic-priority-input-tokens-remaining'
      ],
    ).toBe('6000')
  })

  test('a call counts against the rate limits as well', () => {
    const { call } = create({ limits, priority })

    expect(call({ input: 5_000, output: 10, body }).headers).toMatchObject({
      'anthropic-priority-input-tokens-remaining': '5000',
      'anthropic-ratelimit-input-tokens-remaining': '25000',
    })
  })

  test('neither a standard_only call nor an unsupported model nor a batch is priority', () => {
    const { call } = create({ priority })

    expect(call({ body: { ...body, service_tier: 'standard_only' } }).tier).toBe('standard')
    expect(call({ body: { ...body, model: 'claude-3-haiku-20240307' } }).tier).toBe('standard')
    expect(call({ body: { ...body, model: 'claude-opus-5' } }).tier).toBe('standard')
    expect(call({ body }, { batch: true }).tier).toBe('batch')
    expect(call({ body: { ...body, service_tier: 'auto' } }).tier).toBe('priority')
  })
})

test('fast mode has separate limits', () => {
  const fast = { inputTokensPerMinute: 10_000, outputTokensPerMinute: 1_000 }
  const { call } = create({ limits, fast })
  const body = { model: 'claude-opus-5-5', speed: 'fast' } as const
  const today = { day: '2026-11-22' }

  expect(call({ input: 9_000, output: 10, body }, today).headers).toMatchObject({
    'anthropic-fast-input-tokens-limit': '10000',
    'anthropic-fast-input-tokens-remaining': '1000',
    'anthropic-ratelimit-requests-remaining': '49',
  })
  expect(call({ input: 9_000, output: 10, body }, today).message).toContain('10,000 fast mode input tokens')
  expect(call({ input: 9_000, output: 10, body: { model: 'claude-opus-5-5' } }, today).status).toBe(200)
})

interface Used {
  readonly input?: number
  readonly written?: number
  readonly read?: number
  readonly output?: number
  readonly body?: Partial<Body>
}

interface Outcome {
  readonly status: number
  readonly tier?: ServiceTier
  readonly message?: string
  readonly headers: RateHeaders
}

function create(options: CapacityOptions) {
  let nowMs = Date.UTC(2025, 7, 15)
  const capacity = createCapacity(options, { organizationId, now: () => nowMs })
  const call = (used: Used, more: Partial<ValidRequest> = {}): Outcome => {
    const validation = accept({ messages: [{ role: 'user', content: 'Hi' }], ...used.body }, more)
    const cached = cachedPrompt(used)
    const grant = capacity.admit(validation, cached)
    if (!grant.ok) return { status: grant.error.status, message: grant.error.message, headers: grant.headers }
    const usage: MessageUsage = { ...cached.usage, output_tokens: used.output ?? 1, service_tier: grant.tier }
    return { status: 200, tier: grant.tier, headers: grant.settle(usage) }
  }
  const pass = (seconds: number): void => {
    nowMs += seconds * 1_000
  }
  return { call, pass }
}

function cachedPrompt({ input = 10, written = 0, read = 0 }: Used): CachedPrompt {
  return {
    usage: {
      input_tokens: input,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    },
    commit: () => {},
  }
}
