import type { Model } from '@anthology/catalog'

import { getRateClass } from './rate-class.ts'
import { createTokenBucket } from './token-bucket.ts'
import type { TokenBucket } from './token-bucket.ts'

/** What a call needs of one allowance, by the name it has in headers and texts. */
export interface Demand {
  readonly name: 'requests' | 'input-tokens' | 'output-tokens'
  /** Whose headers tell of it. */
  readonly of: 'ratelimit' | 'priority' | 'fast'
  readonly bucket: TokenBucket
  readonly amount: number
}

export interface TokensPerMinute {
  readonly inputTokensPerMinute: number
  readonly outputTokensPerMinute: number
}

/** The bucket of a model's class, made when it is first needed; null where nothing is limited. */
export type Buckets = (model: Model) => TokenBucket | null

export function createBuckets(perMinute: number | undefined): Buckets {
  if (perMinute === undefined) return () => null
  if (!(perMinute > 0)) throw new RangeError('a limit per minute must be above 0')
  const buckets = new Map<string, TokenBucket>()
  return (model) => {
    const rateClass = getRateClass(model)
    const bucket = buckets.get(rateClass) ?? createTokenBucket(perMinute)
    buckets.set(rateClass, bucket)
    return bucket
  }
}

/** The first demand there is no room for. Whoever has waited as long as told is not refused for a rounding. */
export function findShortage(demands: readonly Demand[], nowMs: number): Demand | null {
  return demands.find(({ bucket, amount }) => bucket.available(nowMs) + roundingTokens < amount) ?? null
}

const roundingTokens = 1e-6

/**
 * What is left of each allowance, and of input and output together where no single limit on all tokens is
 * in force. Tokens are rounded to thousands (docs.claude.com, api/rate-limits).
 */
export function createRateHeaders(demands: readonly Demand[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { of, name, bucket } of demands)
    Object.assign(headers, createHeaders(`anthropic-${of}-${name}`, getLimitState(bucket, nowMs)))
  const [input, output] = demands.filter(({ of, name }) => of === 'ratelimit' && name !== 'requests')
  if (!input || !output) return headers
  const [one, other] = [getLimitState(input.bucket, nowMs), getLimitState(output.bucket, nowMs)]
  const both = {
    limit: one.limit + other.limit,
    remaining: one.remaining + other.remaining,
    fullAtMs: Math.max(one.fullAtMs, other.fullAtMs),
  }
  return { ...headers, ...createHeaders('anthropic-ratelimit-tokens', both) }
}

interface LimitState {
  readonly limit: number
  readonly remaining: number
  readonly fullAtMs: number
}

function getLimitState(bucket: TokenBucket, nowMs: number): LimitState {
  return {
    limit: bucket.limit,
    remaining: Math.max(0, bucket.available(nowMs)),
    fullAtMs: nowMs + bucket.waitMs(bucket.limit, nowMs),
  }
}

function createHeaders(name: string, { limit, remaining, fullAtMs }: LimitState): Record<string, string> {
  const shown = name.endsWith('tokens') ? Math.round(remaining / 1_000) * 1_000 : Math.floor(remaining)
  return {
    [`${name}-limit`]: String(limit),
    [`${name}-remaining`]: String(Math.min(limit, shown)),
    [`${name}-reset`]: `${new Date(Math.ceil(fullAtMs / 1_000) * 1_000).toISOString().slice(0, 19)}Z`,
  }
}
