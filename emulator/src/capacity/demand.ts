import type { Model } from '@anthology/catalog'

import { getRateClass } from './rate-class.ts'
import { createTokenBucket } from './token-bucket.ts'
import type { TokenBucket } from './token-bucket.ts'

/** The amount that a call needs from one limit, with the limit's name in headers and texts. */
export interface Demand {
  readonly name: 'requests' | 'input-tokens' | 'output-tokens'
  /** The group of headers that reports the limit. */
  readonly kind: 'ratelimit' | 'priority' | 'fast'
  readonly bucket: TokenBucket
  readonly amount: number
}

export interface TokensPerMinute {
  readonly inputTokensPerMinute: number
  readonly outputTokensPerMinute: number
}

/** Returns the bucket of a model's class, created on first use; null if there is no limit. */
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

/** Finds the first demand that its bucket cannot cover. The tolerance admits a client that waited exactly `retry-after`. */
export function findShortage(demands: readonly Demand[], nowMs: number): Demand | null {
  return demands.find(({ bucket, amount }) => bucket.available(nowMs) + roundingTokens < amount) ?? null
}

const roundingTokens = 1e-6

/**
 * Creates the headers with the remaining amount of each limit, and of input and output together, because there is no
 * single limit on all tokens. Tokens are rounded to thousands (docs.claude.com, api/rate-limits).
 */
export function createRateHeaders(demands: readonly Demand[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { kind, name, bucket } of demands)
    Object.assign(headers, createHeaders(`anthropic-${kind}-${name}`, getLimitState(bucket, nowMs)))
  const [input, output] = demands.filter(({ kind, name }) => kind === 'ratelimit' && name !== 'requests')
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
