import { getDay } from '../day.ts'
import type { RequestFacts } from '../checks/request-facts.ts'
import { getEffectiveDay } from '../lifecycle/lifecycle.ts'
import type { Model, Platform } from '../model.ts'
import type { Price, PriceLine, PriceOptions } from './price.ts'
import { computePrice } from './price.ts'
import { promptBounds, wholeCount } from '../tokens/prompt-bounds.ts'
import { maxOutputTokens, openBetas } from '../checks/rules/limits.ts'
import type { Usage } from './usage.ts'

export type QuoteOptions = Omit<PriceOptions, 'batch' | 'betas'>

export type Quote =
  | {
      readonly ok: true
      readonly rateCard: string
      /** Lower and upper bound of the cost of an answered call. */
      readonly lowNanoUsd: bigint
      readonly highNanoUsd: bigint
      readonly lowLines: readonly PriceLine[]
      readonly highLines: readonly PriceLine[]
      readonly promptTokens: Bounds
      readonly outputTokens: Bounds
      /** The assumptions behind the bounds, in sentences. */
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly because: 'unknown_price'; readonly detail: string }

export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * Computes the possible cost of a call before it is made: the prices of the cheapest and the most expensive
 * usage that the facts allow.
 *
 * Prompt: `input_tokens`, taken as exact, if known; otherwise from one token to one token per byte of text
 * plus the maximum per image, and never more than the window, because a longer prompt is rejected. With
 * server tools this applies to each of their rounds. Cache: without marks all of it is plain input; with
 * marks it may all be read, or all be written at the most expensive marked time to live. Output: from one
 * token (none if `max_tokens` is 0) to `max_tokens`, including thinking, or to the model's maximum. Fast
 * mode may be answered at standard speed. Missing facts may have any value.
 */
export function quote(facts: RequestFacts, model: Model, options: QuoteOptions = {}): Quote {
  const day = getEffectiveDay(model, options.lifecycle ?? 'ignore', getDay(options.asOf))
  const prompt = promptBounds(facts, model, day)
  const ceiling = maxOutputTokens(model, openBetas(facts, model, day), day)
  const asked = Math.min(wholeCount(facts.max_tokens) ?? ceiling, ceiling)
  const output = { low: Math.min(1, asked), high: asked }
  const kinds = promptKinds(facts, model, { longest: prompt.high, platform: options.platform })
  const price = (tokens: number, kind: PromptKind, rest: Usage): Price =>
    computePrice({ ...computeUsage(kind, tokens), ...rest }, model, {
      ...options,
      batch: facts.batch,
      betas: facts.betas,
    })
  const geo = { inference_geo: facts.inference_geo ?? 'global' }
  const speeds = facts.speed === 'fast' ? ['standard', 'fast'] : ['standard']
  const searches = { web_search_requests: prompt.searches }
  const lows = kinds.flatMap((kind) =>
    speeds.map((speed) => price(prompt.low, kind, { ...geo, speed, output_tokens: output.low })),
  )
  const highs = kinds.flatMap((kind) =>
    speeds.map((speed) =>
      price(prompt.high, kind, { ...geo, speed, output_tokens: output.high, server_tool_use: searches }),
    ),
  )
  const unpriced = [...lows, ...highs].find(({ ok }) => !ok)
  if (unpriced !== undefined && !unpriced.ok) {
    return { ok: false, because: 'unknown_price', detail: unpriced.detail }
  }
  const [low, high] = [pick(lows, (one, best) => one < best), pick(highs, (one, best) => one > best)]
  const slack = roundingSlack([...low.lines, ...high.lines], kinds.length)
  return {
    ok: true,
    rateCard: high.rateCard,
    lowNanoUsd: low.totalNanoUsd > slack ? low.totalNanoUsd - slack : 0n,
    highNanoUsd: high.totalNanoUsd + slack,
    lowLines: low.lines,
    highLines: high.lines,
    promptTokens: { low: prompt.low, high: prompt.high },
    outputTokens: output,
    notes: prompt.notes,
  }
}

type PromptKind = 'input' | 'write_5m' | 'write_1h' | 'read'

/**
 * The ways in which the tokens of the prompt may be priced: prices between these are linear, so these
 * include the extremes.
 */
function promptKinds(
  facts: RequestFacts,
  model: Model,
  { longest, platform = 'anthropic' }: { readonly longest: number; readonly platform: Platform | undefined },
): readonly PromptKind[] {
  const ttls = facts.cache_ttls ?? ['5m', '1h']
  // Bedrock has its own minimum lengths.
  const shortest = platform === 'anthropic' ? model.minCacheableTokens : null
  const tooShort = shortest !== null && longest < shortest
  if (ttls.length === 0 || tooShort) return ['input']
  const writes = (['5m', '1h'] as const).filter((ttl) => ttls.includes(ttl))
  return ['input', 'read', ...writes.map((ttl) => `write_${ttl}` as const)]
}

function computeUsage(kind: PromptKind, tokens: number): Usage {
  if (kind === 'input') return { input_tokens: tokens }
  if (kind === 'read') return { cache_read_input_tokens: tokens }
  return { cache_creation: { [`ephemeral_${kind.slice(6)}_input_tokens`]: tokens } }
}

/**
 * Bounds the rounding error of lines. A prompt with several prices has several lines, each rounded by up to
 * half a nano-dollar: four of them and the one they are compared with differ by less than three. If all
 * prices are whole nano-dollars, nothing is rounded.
 */
function roundingSlack(lines: readonly PriceLine[], kinds: number): bigint {
  const isRounded = lines.some(({ picoUsdPerUnit }) => picoUsdPerUnit % 1000n !== 0n)
  return kinds > 1 && isRounded ? 3n : 0n
}

type KnownPrice = Extract<Price, { ok: true }>

function pick(prices: readonly Price[], better: (one: bigint, best: bigint) => boolean): KnownPrice {
  // The caller has checked that every price is known, and the list is never empty.
  return (prices as readonly KnownPrice[]).reduce((best, one) =>
    better(one.totalNanoUsd, best.totalNanoUsd) ? one : best,
  )
}
