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
      /** An answered call costs no less, and no more. */
      readonly lowNanoUsd: bigint
      readonly highNanoUsd: bigint
      readonly lowLines: readonly PriceLine[]
      readonly highLines: readonly PriceLine[]
      readonly promptTokens: Bounds
      readonly outputTokens: Bounds
      /** What the bounds rest on beside the request, in sentences. */
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly because: 'unknown_price'; readonly detail: string }

export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * What a call can cost before it is made: the price of the cheapest and of the dearest usage that the facts allow.
 *
 * Prompt: `input_tokens`, taken as exact, if it is known, else from one token to at most one token for each byte of text and the most an image takes,
 * and never more than the window, since a longer prompt is refused; with server tools that for each of their rounds.
 * Cache: without marks all of it is plain input; with marks it may all be read, or written at the dearest marked
 * time to live. Output: from one token (none where `max_tokens` is 0) to `max_tokens`, thinking included,
 * or to the model's maximum.
 * Fast mode may be answered at standard speed. Facts that are missing may be anything.
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

/** How the tokens of the prompt may be paid: a price is linear between these, so the extremes are among them. */
function promptKinds(
  facts: RequestFacts,
  model: Model,
  { longest, platform = 'anthropic' }: { readonly longest: number; readonly platform: Platform | undefined },
): readonly PromptKind[] {
  const ttls = facts.cache_ttls ?? ['5m', '1h']
  // Bedrock has lengths of its own.
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
 * A prompt paid in several ways has several lines, each rounded by up to half a nano-dollar: four of them and the one
 * they are compared with come to less than three. Where all prices are whole nano-dollars nothing is rounded.
 */
function roundingSlack(lines: readonly PriceLine[], kinds: number): bigint {
  const isRounded = lines.some(({ picoUsdPerUnit }) => picoUsdPerUnit % 1000n !== 0n)
  return kinds > 1 && isRounded ? 3n : 0n
}

type KnownPrice = Extract<Price, { ok: true }>

function pick(prices: readonly Price[], better: (one: bigint, best: bigint) => boolean): KnownPrice {
  // The caller has looked at every one of them, and there are always some.
  return (prices as readonly KnownPrice[]).reduce((best, one) =>
    better(one.totalNanoUsd, best.totalNanoUsd) ? one : best,
  )
}
