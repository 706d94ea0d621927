import type { Model } from '@anthology/catalog'

import type { Demand } from './demand.ts'
import { getRateClass } from './rate-class.ts'
import { createTokenBucket } from './token-bucket.ts'
import type { TokenBucket } from './token-bucket.ts'

/** The limits that headers report where none are configured. Calls count against them, and none is rejected. */
export interface ReportedLimits {
  listDemands(
    model: Model,
    day: string,
    amounts: { readonly input: number; readonly output: number },
  ): readonly Demand[]
  listCountDemands(model: Model, day: string): readonly Demand[]
}

export function createReportedLimits(): ReportedLimits {
  const byClass = new Map<string, ClassBuckets>()
  const byModel = new Map<string, ClassBuckets>()
  const getBuckets = (model: Model, day: string): ClassBuckets => {
    const table = day < scaleSince ? tier4 : scale
    const key = `${table.name} ${model.id}`
    const buckets = byModel.get(key) ?? findBuckets(byClass, getRateClass(model), table)
    byModel.set(key, buckets)
    return buckets
  }
  return {
    listDemands: (model, day, amounts) => {
      const { requests, input, output } = getBuckets(model, day)
      return [
        { name: 'requests', kind: 'ratelimit', bucket: requests, amount: 1 },
        { name: 'input-tokens', kind: 'ratelimit', bucket: input, amount: amounts.input },
        { name: 'output-tokens', kind: 'ratelimit', bucket: output, amount: amounts.output },
      ]
    },
    listCountDemands: (model, day) => {
      const { counts } = getBuckets(model, day)
      return [{ name: 'requests', kind: 'ratelimit', bucket: counts, amount: 1 }]
    },
  }
}

function findBuckets(
  known: Map<string, ClassBuckets>,
  rateClass: string,
  { name, usual, others }: LimitTable,
): ClassBuckets {
  const [requests, input, output] = others[rateClass] ?? usual
  const key = `${name} ${rateClass}`
  const buckets = known.get(key) ?? {
    requests: create(requests),
    input: create(input),
    output: create(output),
    counts: create(countRequests),
  }
  known.set(key, buckets)
  return buckets
}

interface ClassBuckets {
  readonly requests: TokenBucket
  readonly input: TokenBucket
  readonly output: TokenBucket
  readonly counts: TokenBucket
}

const create = (limit: number): TokenBucket => createTokenBucket(limit, { overdraft: false })

/** Requests, input tokens and output tokens per minute. */
type Limits = readonly [requests: number, input: number, output: number]

/** The highest published limits: usage tier 4 (docs.claude.com, api/rate-limits, Nov 2025), and its count_tokens. */
const tier4: LimitTable = {
  name: 'tier 4',
  usual: [4_000, 2_000_000, 400_000],
  others: {
    'sonnet 3.7': [4_000, 200_000, 80_000],
    'haiku 4.5': [4_000, 4_000_000, 800_000],
    'haiku 3.5': [4_000, 400_000, 80_000],
    'haiku 3': [4_000, 400_000, 80_000],
    'opus 3': [4_000, 400_000, 80_000],
  },
}
const countRequests = 8_000

/** Since June 2026: the tier Scale (platform.claude.com, api/rate-limits, Aug 2026). */
const scaleSince = '2026-06-26'
const scale: LimitTable = {
  name: 'Scale',
  usual: [10_000, 10_000_000, 2_000_000],
  others: { 'fable 5.x': [4_000, 4_000_000, 800_000], 'haiku 3.5': [4_000, 400_000, 80_000] },
}

interface LimitTable {
  readonly name: string
  /** For every class that is not named. */
  readonly usual: Limits
  readonly others: Readonly<Record<string, Limits>>
}
