import type { Model } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import type { Key } from '../auth/key-ring.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import { rateKinds } from '../leases/allowance.ts'
import type { Allowances, Amounts, Denial, LeaseDenial, RateKind, RateLimits } from '../leases/allowance.ts'
import { countTokens } from './counted-tokens.ts'
import type { LeaseClient } from '../leases/lease-client.ts'
import { RateBucket } from './rate-bucket.ts'
import type { CountedCall, RateEstimate } from './rate-bucket.ts'
import { rateHeaders } from './headers.ts'
import type { FindRateLimits } from './rate-limits.ts'
import { SlidingWindow } from '../leases/sliding-window.ts'

/** Rate limits of keys: requests, input tokens and output tokens per minute, separately for each model. */
export interface Rates {
  /** False if the key has no limits for the model, so that no estimate is needed. */
  applies(key: Key, model: Model): boolean
  /** Reserves the estimated usage; returns a promise only if a worker has to request a lease from the primary. */
  take(key: Key, model: Model, estimate: RateEstimate): RateTaken | Promise<RateTaken>
  /** Rejects without the body if the key has no requests left; else null. */
  rejectEarly(key: Key, model: Model): RateRejection | null
  /**
   * The unused part of each limit, as the headers state it; null for a kind without a limit. Null in place of all: only
   * other processes know it.
   */
  findRemaining(key: Pick<Key, 'id'>, modelId: string, limits: RateLimits): RemainingRates | null
}

export type RemainingRates = Readonly<Record<RateKind, number | null>>

export type RateTaken = RatePermit | RateRejection

export interface RatePermit {
  readonly ok: true
  /** False if the key has no limits for the model. */
  readonly isLimited: boolean
  /**
   * Call it when the call is sent to an upstream, and again when it is sent to another one. The call counts once,
   * from its last start; until the first one the estimate is held.
   */
  start(): void
  /** Call it when the call has ended, with its reported usage; later calls have no effect. A call that was never sent used nothing. */
  settle(usage: UsageFields | null, outcome: CallOutcome): void
  /** The current `anthropic-ratelimit-*` headers; none if the key has no limits. */
  headers(): Readonly<Record<string, string>>
}

export interface RateRejection {
  readonly ok: false
  readonly kind: RateKind
  readonly retryAfterMs: number
  readonly message: string
  /** Includes `retry-after` in whole seconds. */
  readonly headers: Readonly<Record<string, string>>
}

export interface RatesOptions {
  readonly getLimits: FindRateLimits
  /** A monotonic clock, shared by all processes. */
  readonly nowMs: () => number
  /** The time of day, for headers. */
  readonly wallMs: () => number
  /** Default: a minute; tests may shorten it. */
  readonly windowMs?: number
  /** In a worker, which shares its limits with the others. */
  readonly leaseClient?: LeaseClient
}

export const minuteMs = 60_000

export function createRates(options: RatesOptions): Rates {
  return new Buckets(options)
}

class Buckets implements Rates {
  readonly #options: RatesOptions
  readonly #windowMs: number
  readonly #buckets = new Map<string, Entry>()
  #sweptAtMs: number

  constructor(options: RatesOptions) {
    this.#options = options
    this.#windowMs = options.windowMs ?? minuteMs
    this.#sweptAtMs = options.nowMs()
  }

  applies(key: Key, model: Model): boolean {
    return this.#options.getLimits(key, model.id) !== null
  }

  take(key: Key, model: Model, estimate: RateEstimate): RateTaken | Promise<RateTaken> {
    const limits = this.#options.getLimits(key, model.id)
    if (limits === null) return unlimited
    const name = getBucketName(key, model)
    const entry = this.#find(name, limits)
    const { bucket } = entry
    const call = { key, model, name, entry, estimate, amounts: bucket.measure(estimate) }
    const denial = bucket.findDenial(call.amounts, this.#options.nowMs())
    if (denial === null) {
      bucket.hold(call.amounts)
      return this.#permit(call)
    }
    const { leaseClient } = this.#options
    if (leaseClient === undefined) return this.#reject(bucket, denial, call)
    const known = leaseClient.findCachedDenial(name, call.amounts)
    return known === null ? this.#borrow(leaseClient, call) : this.#reject(bucket, nameRate(known), call)
  }

  rejectEarly(key: Key, model: Model): RateRejection | null {
    const { getLimits, leaseClient, nowMs } = this.#options
    const limits = getLimits(key, model.id)
    if (limits?.requests === undefined) return null
    const name = getBucketName(key, model)
    const { bucket } = this.#find(name, limits)
    const denial = bucket.findDenial(oneRequest, nowMs())
    if (denial === null || leaseClient === undefined)
      return denial === null ? null : this.#reject(bucket, denial, { key, model, name })
    const known = leaseClient.findCachedDenial(name, oneRequest)
    return known === null ? null : this.#reject(bucket, nameRate(known), { key, model, name })
  }

  findRemaining(key: Pick<Key, 'id'>, modelId: string, limits: RateLimits): RemainingRates | null {
    const { leaseClient, nowMs } = this.#options
    const entry = this.#buckets.get(getBucketName(key, { id: modelId }))
    // The other processes may have used a lease since this one last did.
    const isIdle = entry === undefined || (entry.running === 0 && nowMs() - entry.usedAtMs > this.#windowMs)
    if (isIdle && leaseClient !== undefined) return null
    const [requests, input, output] = rateKinds.map((kind, index) => {
      const left = entry?.bucket.allowances[index]?.remaining(nowMs()) ?? limits[kind] ?? null
      return left === null ? null : Math.floor(left)
    })
    return { requests: requests ?? null, input_tokens: input ?? null, output_tokens: output ?? null }
  }

  async #borrow(leaseClient: LeaseClient, call: MeasuredCall): Promise<RateTaken> {
    const { entry } = call
    entry.running += 1
    const missing = await leaseClient.borrow(call.name, call.amounts)
    entry.running -= 1
    return missing === null ? this.#permit(call) : this.#reject(entry.bucket, nameRate(missing), call)
  }

  #find(name: string, limits: RateLimits): Entry {
    const now = this.#options.nowMs()
    if (now - this.#sweptAtMs > this.#windowMs) this.#sweep(now)
    const known = this.#buckets.get(name)
    if (known !== undefined) {
      known.usedAtMs = now
      return known
    }
    const { leaseClient } = this.#options
    const allowances =
      leaseClient === undefined
        ? createRateWindows(limits, this.#windowMs)
        : openLeases(leaseClient, name, limits)
    const entry = { bucket: new RateBucket(allowances), running: 0, usedAtMs: now }
    this.#buckets.set(name, entry)
    return entry
  }

  /**
   * Deletes idle buckets: they are full again, so only their estimators are lost. A bucket with running calls stays,
   * because their holds and usage would otherwise count in an unreachable bucket.
   */
  #sweep(now: number): void {
    this.#sweptAtMs = now
    for (const [name, { running, usedAtMs }] of this.#buckets) {
      if (running > 0 || now - usedAtMs <= maxIdleWindows * this.#windowMs) continue
      this.#buckets.delete(name)
      this.#options.leaseClient?.forget(name)
    }
  }

  /** The caller has already held the amounts. */
  #permit({ entry, estimate, amounts, model }: MeasuredCall): RatePermit {
    const { nowMs } = this.#options
    const { bucket } = entry
    entry.running += 1
    let counted: CountedCall | null = null
    let isSettled = false
    return {
      ok: true,
      isLimited: true,
      start: () => {
        if (isSettled) return
        counted =
          counted === null ? bucket.count(estimate, amounts, nowMs()) : bucket.recount(counted, nowMs())
      },
      settle: (usage, outcome) => {
        if (isSettled) return
        isSettled = true
        entry.running -= 1
        entry.usedAtMs = nowMs()
        if (counted === null) return bucket.drop(amounts)
        const used = usage === null ? null : countTokens(usage, model)
        bucket.settle(counted, used, outcome, nowMs())
      },
      headers: () => this.#headers(bucket),
    }
  }

  #reject(bucket: RateBucket, denial: Denial, call: RateSubject): RateRejection {
    const seconds = Math.max(1, Math.ceil(denial.waitMs / 1_000))
    return {
      ok: false,
      kind: denial.kind,
      retryAfterMs: denial.waitMs,
      message: explain(denial, call),
      headers: { ...this.#headers(bucket), 'retry-after': String(seconds) },
    }
  }

  #headers(bucket: RateBucket): Record<string, string> {
    const { nowMs, wallMs } = this.#options
    return rateHeaders(bucket.allowances, { nowMs: nowMs(), wallMs: wallMs() })
  }
}

type RateWindows = readonly [SlidingWindow | null, SlidingWindow | null, SlidingWindow | null]

interface RateSubject {
  readonly key: Key
  readonly model: Model
  readonly name: string
}

/** A call and the amounts to hold for it. */
interface MeasuredCall extends RateSubject {
  readonly entry: Entry
  readonly estimate: RateEstimate
  readonly amounts: Amounts
}

interface Entry {
  readonly bucket: RateBucket
  /** Calls that are admitted or wait for a lease. */
  running: number
  usedAtMs: number
}

/** An alias and its target share a bucket, because the call has already resolved the name. */
function getBucketName(key: Pick<Key, 'id'>, model: Pick<Model, 'id'>): string {
  return `${key.id} ${model.id}`
}

function openLeases(leaseClient: LeaseClient, name: string, limits: RateLimits): Allowances {
  const wanted = rateKinds.map((kind) => limits[kind] ?? null)
  const [requests = null, input = null, output = null] = leaseClient.open(name, wanted, limits)
  return [requests, input, output]
}

function nameRate({ index, limit, waitMs }: LeaseDenial): Denial {
  return { kind: rateKinds[index] ?? 'requests', limit, waitMs }
}

/** One window for each kind that is limited. */
export function createRateWindows(limits: RateLimits, windowMs: number): RateWindows {
  const window = (index: 0 | 1 | 2) => {
    const limit = limits[rateKinds[index]]
    return limit === undefined ? null : new SlidingWindow(limit, { windowMs })
  }
  return [window(0), window(1), window(2)]
}

/** The API's text of 2026 (public issue reports), with our key in place of the organization. */
function explain({ kind, limit }: Denial, { key, model }: RateSubject): string {
  const unit = `${limit.toLocaleString('en-US')} ${kind.replace('_', ' ')} per minute`
  return (
    `This request would exceed your key's rate limit of ${unit} (key: ${key.id}, model: ${model.id}). ` +
    'You can see the response headers for current usage. Please reduce the prompt length or the maximum ' +
    'tokens requested, or try again later.'
  )
}

export const unlimited: RatePermit = {
  ok: true,
  isLimited: false,
  start: () => {},
  settle: () => {},
  headers: () => ({}),
}

const oneRequest: Amounts = [1, 0, 0]

/** Windows after its last call for which a bucket is kept. */
const maxIdleWindows = 60
