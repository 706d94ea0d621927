import { fastPricesOn } from './fast-mode.ts'
import type { Model, Platform } from '../model.ts'
import { divideHalfEven, parseUsdPerMTok } from './money.ts'
import type { PriceStep, RateCard, TokenPrices } from './rate-card.ts'
import { valueOn } from '../effective-dated.ts'

/** Why a price differs from the standard one. Several may apply to one line; they multiply. */
export type PriceModifier = 'batch' | 'fast' | 'geo_us' | 'long_prompt' | 'regional'

/** All inputs that select among a model's prices. */
export interface Terms {
  readonly day: string
  readonly promptTokens: bigint
  readonly batch: boolean
  readonly fast: boolean
  /** `inference_geo: "us"`. */
  readonly us: boolean
  /** A Bedrock or Google Cloud endpoint other than the global one. */
  readonly regional: boolean
  readonly platform: Platform
  /** Undefined: not known; a long prompt is then assumed to have had its required header. */
  readonly betas: readonly string[] | undefined
}

export type Rates =
  | {
      readonly ok: true
      readonly rateCard: string
      /** The exact price of one token of each kind. */
      readonly perToken: Readonly<Record<keyof TokenPrices, Ratio>>
      readonly modifiers: readonly PriceModifier[]
    }
  | { readonly ok: false; readonly detail: string }

/** Pico-dollars as a fraction: exact until the line is rounded, also for 110 % of a half. */
export interface Ratio {
  readonly pico: bigint
  readonly over: bigint
}

/** The prices of a model under the terms of one request. A feature that is not offered on the day has no price. */
export function ratesFor(model: Model, terms: Terms): Rates {
  const card = valueOn(model.rateCards, terms.day)
  if (card === undefined) return unknown(`no rate card of ${model.id} is valid on ${terms.day}`)
  const chosen = choosePrices(model, card, terms)
  if (!chosen.ok) return chosen
  const { modifiers } = chosen
  let perToken = chosen.perToken
  if (terms.us) {
    if (!model.behaviour.inferenceGeo) return unknown('no price for inference_geo "us"')
    perToken = scale(perToken, geoUs)
    modifiers.push('geo_us')
  }
  if (terms.regional && model.regionalPremium && regionalPlatforms.includes(terms.platform)) {
    perToken = scale(perToken, regionalPremium)
    modifiers.push('regional')
  }
  return { ok: true, rateCard: card.id, perToken, modifiers }
}

/** 1.1 times the price of every token (Pricing page, October 2026). */
const geoUs: Factor = { times: 11n, over: 10n }

/** 10 % more, from the 4.5 generation on (Pricing page, October 2026); each model states whether it applies. */
const regionalPremium: Factor = { times: 11n, over: 10n }
const regionalPlatforms: readonly Platform[] = ['bedrock', 'vertex']

/** Half of every price; published batch prices for input and output take precedence (Pricing page). */
const batchHalf: Factor = { times: 1n, over: 2n }

interface Factor {
  readonly times: bigint
  readonly over: bigint
}
type Chosen =
  | { readonly ok: true; readonly perToken: TokenRatios; readonly modifiers: PriceModifier[] }
  | { readonly ok: false; readonly detail: string }
type TokenRatios = Readonly<Record<keyof TokenPrices, Ratio>>

/**
 * Selects the printed prices: standard, those of the longest step that the prompt exceeds, or fast; then
 * applies the batch discount.
 */
function choosePrices(model: Model, card: RateCard, terms: Terms): Chosen {
  const step = findStep(card, terms)
  const modifiers: PriceModifier[] = step === undefined ? [] : ['long_prompt']
  const fast = terms.fast ? findFastPrices(model, step, terms) : 'standard'
  if (fast === null) return unknown('no price for speed "fast"')
  if (fast !== 'standard') {
    if (terms.batch) return unknown('no price for speed "fast" in a batch')
    return { ok: true, perToken: exactPrices(fast), modifiers: [...modifiers, 'fast'] }
  }
  const perToken = exactPrices(step ?? card.standard)
  if (!terms.batch) return { ok: true, perToken, modifiers }
  const published = step === undefined ? card.batch : step.batch
  const discounted = { ...scale(perToken, batchHalf), ...(published !== undefined && exactBatch(published)) }
  return { ok: true, perToken: discounted, modifiers: [...modifiers, 'batch'] }
}

/**
 * The longest step that the prompt exceeds. One that has ended, or whose header was not sent, leaves the standard
 * prices. (Such a long prompt is then rejected, but the sum over the rounds of a server tool may still
 * exceed the step.)
 */
function findStep(card: RateCard, { promptTokens, day, betas }: Terms): PriceStep | undefined {
  const step = card.steps?.findLast((one) => promptTokens > BigInt(one.abovePromptTokens))
  if (step === undefined || (step.until !== null && day >= step.until)) return undefined
  const hasBeta = step.needsBeta === null || betas === undefined || betas.includes(step.needsBeta)
  return hasBeta ? step : undefined
}

/** Fast mode's prices, for a long prompt those of its step; as `fastOn` returns them. */
function findFastPrices(
  model: Model,
  step: PriceStep | undefined,
  { day, platform }: Terms,
): TokenPrices | 'standard' | null {
  const fast = fastOn(model, day, platform)
  if (step === undefined || fast === null || fast === 'standard') return fast
  return step.fast ?? null
}

/** Fast mode's prices; `standard` if it is accepted but runs and bills as usual; null if it is not offered. */
export function fastOn(model: Model, day: string, platform: Platform): TokenPrices | 'standard' | null {
  const fast = valueOn(model.rateCards, day)?.fast
  if (fast === undefined || !fastPlatforms(model).includes(platform)) return null
  return fastPricesOn(model, day) ?? (fast.ended?.afterwards === 'standard' ? 'standard' : null)
}

/**
 * Fast mode exists on the Claude API only, except that Fable 5.2 has it on Google Cloud too (Fable 5.2
 * pages, November 2026).
 */
function fastPlatforms(model: Model): readonly Platform[] {
  return model.id === 'claude-fable-5-2' ? ['anthropic', 'vertex'] : ['anthropic']
}

/** The price to show for a line, exact because every price of the catalog is a whole number. */
export function wholePico({ pico, over }: Ratio): bigint {
  return divideHalfEven(pico, over)
}

function scale(prices: TokenRatios, { times, over }: Factor): TokenRatios {
  const by = (price: Ratio): Ratio => ({ pico: price.pico * times, over: price.over * over })
  const { input, cache_write_5m, cache_write_1h, cache_read, output } = prices
  return {
    input: by(input),
    cache_write_5m: by(cache_write_5m),
    cache_write_1h: by(cache_write_1h),
    cache_read: by(cache_read),
    output: by(output),
  }
}

function exactBatch({ input, output }: { readonly input: string; readonly output: string }): {
  readonly input: Ratio
  readonly output: Ratio
} {
  return { input: exact(input), output: exact(output) }
}

function exact(text: string): Ratio {
  return { pico: parseUsdPerMTok(text), over: 1n }
}

/** Caches the parsed prices of a card, which every call uses. */
const exactByPrices = new WeakMap<TokenPrices, TokenRatios>()

function exactPrices(prices: TokenPrices): TokenRatios {
  const known = exactByPrices.get(prices)
  if (known !== undefined) return known
  const ratios = {
    input: exact(prices.input),
    cache_write_5m: exact(prices.cache_write_5m),
    cache_write_1h: exact(prices.cache_write_1h),
    cache_read: exact(prices.cache_read),
    output: exact(prices.output),
  }
  exactByPrices.set(prices, ratios)
  return ratios
}

function unknown(detail: string): { readonly ok: false; readonly detail: string } {
  return { ok: false, detail }
}
