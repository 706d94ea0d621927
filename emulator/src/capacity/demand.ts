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

/** Finds the first demand that its bucket cannot cover. */
export function findShortage(demands: readonly Demand[], nowMs: number): Demand | null {
  return demands.find(({ bucket, amount }) => bucket.available(nowMs) < amount) ?? null
}

/**
 * Creates the headers with the remaining amount of each limit, and of input and output together, because there is no
 * single limit on all tokens. Tokens are rounded to thousands (docs.claude.com, api/rate-limits).
 */
export function createRateHeaders(demands: readonly Demand[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {}
  const formatTime = createTimeFormat()
  let [input, output]: (LimitState | null)[] = [null, null]
  for (const { kind, name, bucket } of demands) {
    const state = getLimitState(bucket, nowMs)
    addHeaders(headers, headerNames[kind][name], state, formatTime)
    if (kind !== 'ratelimit') continue
    if (name === 'input-tokens') input = state
    if (name === 'output-tokens') output = state
  }
  if (!input || !output) return headers
  const both = {
    limit: input.limit + output.limit,
    remaining: input.remaining + output.remaining,
    fullAtMs: Math.max(input.fullAtMs, output.fullAtMs),
  }
  addHeaders(headers, headerNames.ratelimit.tokens, both, formatTime)
  return headers
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

interface HeaderNames {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
  readonly countsTokens: boolean
}

/** Built once: joining the names of twelve headers for each call costs more than their values. */
const headerNames = {
  ratelimit: createNames('ratelimit'),
  priority: createNames('priority'),
  fast: createNames('fast'),
} as const

function createNames(kind: Demand['kind']): Readonly<Record<Demand['name'] | 'tokens', HeaderNames>> {
  const create = (name: Demand['name'] | 'tokens'): HeaderNames => {
    const prefix = `anthropic-${kind}-${name}`
    const names = { limit: `${prefix}-limit`, remaining: `${prefix}-remaining`, reset: `${prefix}-reset` }
    return { ...names, countsTokens: name !== 'requests' }
  }
  return {
    requests: create('requests'),
    'input-tokens': create('input-tokens'),
    'output-tokens': create('output-tokens'),
    tokens: create('tokens'),
  }
}

function addHeaders(
  headers: Record<string, string>,
  names: HeaderNames,
  { limit, remaining, fullAtMs }: LimitState,
  formatTime: (ms: number) => string,
): void {
  const shown = names.countsTokens ? Math.round(remaining / 1_000) * 1_000 : Math.floor(remaining)
  headers[names.limit] = String(limit)
  headers[names.remaining] = String(Math.min(limit, shown))
  headers[names.reset] = formatTime(fullAtMs)
}

/** Formats times as RFC 3339, rounded up to the second, which most limits of a call share. */
function createTimeFormat(): (ms: number) => string {
  let known = { second: -1, text: '' }
  return (ms) => {
    const second = Math.ceil(ms / 1_000)
    if (second !== known.second)
      known = { second, text: `${new Date(second * 1_000).toISOString().slice(0, 19)}Z` }
    return known.text
  }
}
