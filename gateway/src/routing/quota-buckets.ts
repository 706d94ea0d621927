import type { Model } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { SlidingWindow } from '../leases/sliding-window.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { anyModel } from '../upstreams/foreign-model.ts'
import { countQuotaTokens } from '../upstreams/token-quota.ts'

/** The tokens that this process has taken of the quotas that upstreams do not report, over the last minute. */
export interface QuotaBuckets {
  /** The time until a quota has room for a call of so many tokens; 0: it has, or its limit is not known. */
  getWaitMs(upstream: string, modelId: string, getTokens: () => number): number
  /** Reserves tokens for a call that is sent now; null: the upstream has no such quota. */
  reserve(upstream: string, model: Model, call: QuotaDemand): QuotaReservation | null
  list(): readonly QuotaUse[]
}

export interface QuotaDemand {
  /** The tokens to reserve: the whole prompt and `max_tokens`. */
  readonly tokens: number
  /** The day of the call, `YYYY-MM-DD`. */
  readonly day: string
}

export interface QuotaReservation {
  /** Replaces the reservation by what the call has taken. Without a usage: all of it, or nothing after an error answer. */
  settle(usage: UsageFields | null, outcome: CallOutcome): void
}

export interface QuotaUse {
  readonly upstream: string
  readonly model: string
  /** The amount that counts now, with the reservations of running calls. */
  readonly usedTokens: number
  /** The configured tokens per minute of the whole server; null: not configured. */
  readonly limitTokens: number | null
}

interface Bucket {
  readonly upstream: string
  readonly model: string
  readonly limitTokens: number | null
  readonly window: SlidingWindow
}

/** `processes`: the processes of the server, which share the calls of each upstream and thereby its quotas. */
export function createQuotaBuckets(
  accounts: readonly Pick<UpstreamAccount, 'name' | 'quota'>[],
  { nowMs, processes }: { readonly nowMs: () => number; readonly processes: number },
): QuotaBuckets {
  const quotas = new Map(accounts.flatMap(({ name, quota }) => (quota === undefined ? [] : [[name, quota]])))
  const buckets = new Map<string, Bucket>()
  const findLimit = (upstream: string, model: string): number | null => {
    const limits = quotas.get(upstream)?.limits
    const limit = limits?.get(model) ?? limits?.get(anyModel)
    return limit ?? null
  }
  const find = (upstream: string, model: string): Bucket => {
    const key = `${upstream}\0${model}`
    const known = buckets.get(key)
    if (known !== undefined) return known
    const limitTokens = findLimit(upstream, model)
    const share = limitTokens === null ? Number.MAX_SAFE_INTEGER : Math.ceil(limitTokens / processes)
    const window = new SlidingWindow(share, { windowMs })
    const bucket = { upstream, model, limitTokens, window }
    buckets.set(key, bucket)
    return bucket
  }
  return {
    getWaitMs: (upstream, modelId, getTokens) =>
      findLimit(upstream, modelId) === null ? 0 : find(upstream, modelId).window.waitMs(getTokens(), nowMs()),
    reserve: (upstream, model, { tokens, day }) => {
      const quota = quotas.get(upstream)
      if (quota === undefined) return null
      const { window } = find(upstream, model.id)
      const slot = window.add(tokens, nowMs())
      return {
        settle: (usage, outcome) => {
          const unreported = outcome === 'upstream_error' ? 0 : tokens
          const used =
            usage === null ? unreported : countQuotaTokens(usage, quota.getOutputWeight(model, day))
          window.correct(slot, used - tokens, nowMs())
        },
      }
    },
    list: () =>
      [...buckets.values()].map(({ upstream, model, limitTokens, window }) => ({
        upstream,
        model,
        usedTokens: window.used(nowMs()),
        limitTokens,
      })),
  }
}

const windowMs = 60_000
