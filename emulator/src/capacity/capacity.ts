import type { Model } from '@anthology/catalog'
import type { MessageUsage } from '@anthology/wire'

import type { CachedPrompt } from '../cache/measure.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { createBuckets, findShortage, createRateHeaders } from './demand.ts'
import type { Demand, TokensPerMinute } from './demand.ts'
import { createPriority } from './priority.ts'
import { countsCacheReads } from './rate-class.ts'
import { createReportedLimits } from './reported-limits.ts'
import { explainLimit } from './rate-error.ts'
import type { LimitedCall, RateError } from './rate-error.ts'
import { getSpeed } from './speed.ts'

export type ServiceTier = 'standard' | 'priority' | 'batch'

/**
 * The limits of an organization per minute, for each class of models. By default no call is rejected, and the headers report
 * the service's highest published limits.
 */
export interface CapacityOptions {
  readonly limits?: TokensPerMinute & {
    readonly requestsPerMinute: number
    /** Limits `count_tokens`, which is counted separately; default: no limit. */
    readonly countRequestsPerMinute?: number
  }
  /** A Priority Tier commitment; calls that exceed it are served at the standard tier. */
  readonly priority?: TokensPerMinute
  /** Token limits of fast mode; default: no limit. */
  readonly fast?: TokensPerMinute
}

export interface Capacity {
  /** Checks whether a call fits in the limits, without taking anything from them. */
  admit(validation: ValidRequest, cached: CachedPrompt): Grant
  /** The same for `count_tokens`. */
  admitCount(model: Model, day: string): RateError | { readonly ok: true; settle(): RateHeaders }
  /** The limits that the headers of a call at standard speed report; nothing is taken from them. */
  listLimits(model: Model, day: string): readonly Demand[]
  /** The same for `count_tokens`. */
  listCountLimits(model: Model, day: string): readonly Demand[]
}

export type Grant =
  | {
      readonly ok: true
      readonly tier: ServiceTier
      /** Takes the usage from the limits and returns the headers with the remaining amounts. */
      settle(usage: MessageUsage): RateHeaders
    }
  | RateError

export type RateHeaders = Readonly<Record<string, string>>

export interface Organization {
  readonly organizationId: string
  readonly now: () => number
}

/** Standard, fast and priority capacity as token buckets, driven by the emulator's clock (docs.claude.com, api/rate-limits). */
export function createCapacity(options: CapacityOptions, { organizationId, now }: Organization): Capacity {
  const buckets = {
    requests: createBuckets(options.limits?.requestsPerMinute),
    counts: createBuckets(options.limits?.countRequestsPerMinute),
    standard: createTokenBuckets(options.limits),
    fast: createTokenBuckets(options.fast),
  }
  const priority = createPriority(options.priority)
  const reportedLimits = options.limits === undefined ? createReportedLimits() : null
  const listCountLimits = (model: Model, day: string): readonly Demand[] =>
    reportedLimits?.listCountDemands(model, day) ??
    listDemand({ name: 'requests', kind: 'ratelimit', amount: 1 }, buckets.counts(model))

  return {
    listLimits: (model, day) =>
      reportedLimits?.listDemands(model, day, { input: 0, output: 0 }) ?? [
        ...listDemand({ name: 'requests', kind: 'ratelimit', amount: 1 }, buckets.requests(model)),
        ...buckets.standard(model, 'ratelimit', { input: 0, output: 0 }),
      ],
    listCountLimits,
    admit: (validation, cached) => {
      // Batches have separate limits (api/rate-limits), which the emulator does not have.
      if (validation.batch) return { ok: true, tier: 'batch', settle: () => ({}) }
      const nowMs = now()
      const { model, day } = validation
      const speed = getSpeed(validation.request, validation)
      const [input, output] = [countChargedInput(cached, model), getReservedOutput(validation)]
      const demands = [
        ...listDemand({ name: 'requests', kind: 'ratelimit', amount: 1 }, buckets.requests(model)),
        ...buckets[speed](model, speed === 'fast' ? 'fast' : 'ratelimit', { input, output }),
      ]
      const reported = reportedLimits?.listDemands(model, day, { input, output }) ?? []
      const counted = [...reported, ...demands]
      const planned = priority(validation, { ...cached.usage, output_tokens: output })
      const shortage = findShortage(demands, nowMs)
      if (shortage)
        return reject(shortage, [...counted, ...(planned ?? [])], { organizationId, model, day, nowMs })

      const isPriority = planned !== null && speed === 'standard' && findShortage(planned, nowMs) === null
      const settle = (usage: MessageUsage): RateHeaders => {
        for (const { name, bucket, amount } of counted)
          bucket.take(name === 'output-tokens' ? usage.output_tokens : amount, nowMs)
        // A priority call also counts against the rate limits (api/service-tiers).
        const priorityDemands = isPriority ? (priority(validation, usage) ?? []) : []
        for (const { bucket, amount } of priorityDemands) bucket.take(amount, nowMs)
        return createRateHeaders([...counted, ...(planned ?? [])], nowMs)
      }
      return { ok: true, tier: isPriority ? 'priority' : 'standard', settle }
    },
    admitCount: (model, day) => {
      const nowMs = now()
      const demands = listCountLimits(model, day)
      const shortage = reportedLimits ? null : findShortage(demands, nowMs)
      if (shortage) return reject(shortage, demands, { organizationId, model, day, nowMs })
      const settle = (): RateHeaders => {
        for (const { bucket, amount } of demands) bucket.take(amount, nowMs)
        return createRateHeaders(demands, nowMs)
      }
      return { ok: true, settle }
    },
  }
}

type TokenDemands = (
  model: Model,
  kind: Demand['kind'],
  amounts: { readonly input: number; readonly output: number },
) => readonly Demand[]

function createTokenBuckets(limits: TokensPerMinute | undefined): TokenDemands {
  const inputs = createBuckets(limits?.inputTokensPerMinute)
  const outputs = createBuckets(limits?.outputTokensPerMinute)
  return (model, kind, { input, output }) => [
    ...listDemand({ name: 'input-tokens', kind, amount: input }, inputs(model)),
    ...listDemand({ name: 'output-tokens', kind, amount: output }, outputs(model)),
  ]
}

/** Empty if there is no limit. */
function listDemand(wanted: Omit<Demand, 'bucket'>, bucket: Demand['bucket'] | null): readonly Demand[] {
  return bucket ? [{ ...wanted, bucket }] : []
}

/** Tokens read from the cache do not count, except for some older models (api/rate-limits). */
function countChargedInput({ usage }: CachedPrompt, model: Model): number {
  const read = countsCacheReads(model) ? (usage.cache_read_input_tokens ?? 0) : 0
  return usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + read
}

/**
 * A call reserves `max_tokens` of output when it starts and settles the actual output when it ends. Since the limits of
 * 2026-06-26 only the actual output counts (api/rate-limits), so any remaining token admits a call.
 */
function getReservedOutput({ request, day }: ValidRequest): number {
  return day < '2026-06-26' ? (request.max_tokens ?? 1) : 1
}

function reject(
  shortage: Demand,
  demands: readonly Demand[],
  { nowMs, ...call }: LimitedCall & { readonly nowMs: number },
): RateError {
  const seconds = Math.max(1, Math.ceil(shortage.bucket.waitMs(shortage.amount, nowMs) / 1_000))
  return {
    ok: false,
    error: { status: 429, message: explainLimit(shortage, call) },
    headers: { ...createRateHeaders(demands, nowMs), 'retry-after': String(seconds) },
  }
}
