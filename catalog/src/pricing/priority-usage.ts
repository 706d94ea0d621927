import { getDay } from '../day.ts'
import type { Model } from '../model.ts'
import { promptTokens } from './price.ts'
import { valueOn } from '../effective-dated.ts'
import { parseUsage } from './usage.ts'
import type { Usage } from './usage.ts'

/**
 * The tokens of a Priority Tier commitment that one token uses, in thousandths (Service tiers page,
 * November 2025; the weights multiply). Above the step of long-context pricing, input counts double and
 * output counts 1.5 times.
 */
export const priorityMilliWeights = {
  input: 1000n,
  cache_write_5m: 1250n,
  cache_write_1h: 2000n,
  cache_read: 100n,
  output: 1000n,
  long_context: { input: 2000n, output: 1500n },
  geo_us: 1100n,
} as const

export type PriorityUsage =
  | { readonly ok: true; readonly inputMilliTokens: bigint; readonly outputMilliTokens: bigint }
  | {
      readonly ok: false
      readonly because: 'no_priority_tier' | 'unknown_price' | 'bad_usage'
      readonly detail: string
    }

/** The usage of a Priority Tier commitment by one call, in thousandths of a token, which is exact. */
export function computePriorityUsage(
  usage: Usage,
  model: Model,
  options: { asOf?: string | undefined } = {},
): PriorityUsage {
  const day = getDay(options.asOf)
  if (model.priorityTier !== true) {
    const detail = `${model.id} ${model.priorityTier === false ? 'has no' : 'is not known to have a'} Priority Tier`
    return { ok: false, because: 'no_priority_tier', detail }
  }
  const parsed = parseUsage(usage)
  if (!parsed.ok) return parsed
  const { quantities, terms } = parsed
  const weights = priorityMilliWeights
  const long = isLong(model, promptTokens(quantities), day)
  const geo = terms.us ? weights.geo_us : 1000n
  const prompt = (['input', 'cache_write_5m', 'cache_write_1h', 'cache_read'] as const)
    .map((kind) => quantities[kind] * weights[kind])
    .reduce((sum, milli) => sum + milli, 0n)
  const output = quantities.output * weights.output
  return {
    ok: true,
    // Exact: the weights have at most three decimals together, since 1.25 x 2 x 1.1 is 2.75.
    inputMilliTokens: (prompt * (long ? weights.long_context.input : 1000n) * geo) / 1_000_000n,
    outputMilliTokens: (output * (long ? weights.long_context.output : 1000n) * geo) / 1_000_000n,
  }
}

function isLong(model: Model, prompt: bigint, day: string): boolean {
  const step = valueOn(model.rateCards, day)?.steps?.findLast((one) => prompt > BigInt(one.abovePromptTokens))
  return step !== undefined && step.needsBeta !== null && (step.until === null || day < step.until)
}
