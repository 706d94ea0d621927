import { getDay } from '../day.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import { getEffectiveDay } from '../lifecycle/lifecycle.ts'
import type { Model, Platform } from '../model.ts'
import { resolve } from '../names/resolve.ts'
import { divideHalfEven } from './money.ts'
import type { PriceModifier, Rates, Ratio } from './price-rate.ts'
import { ratesFor, wholePico } from './price-rate.ts'
import type { TokenPrices } from './rate-card.ts'
import { toolPrices } from './tool-price.ts'
import type { Quantities } from './usage.ts'
import { parseUsage } from './usage.ts'
import type { Usage } from './usage.ts'

export type PriceComponent = keyof TokenPrices | 'web_search'

export interface PriceLine {
  readonly component: PriceComponent
  /** The model that ran, if it is not the requested one: an advisor or a fallback. */
  readonly model?: string
  readonly quantity: bigint
  readonly unit: 'token' | 'request'
  /** The unit price including modifiers. */
  readonly picoUsdPerUnit: bigint
  readonly costNanoUsd: bigint
  /** The reasons for a price other than the standard one. */
  readonly modifiers: readonly PriceModifier[]
}

export type Price =
  | {
      readonly ok: true
      /** The id of the applied rate card. */
      readonly rateCard: string
      readonly lines: readonly PriceLine[]
      readonly totalNanoUsd: bigint
      /** What the usage contains besides and has no published price; the total leaves it out. */
      readonly unpriced: readonly string[]
    }
  | { readonly ok: false; readonly because: 'unknown_price' | 'bad_usage'; readonly detail: string }

export interface PriceOptions {
  readonly asOf?: string | undefined
  /** Default `anthropic`. */
  readonly platform?: Platform | undefined
  /** The kind of endpoint on Bedrock or Google Cloud; default `global`, ignored elsewhere. */
  readonly region?: 'global' | 'regional' | undefined
  /** The call was part of a batch; also known from `service_tier: "batch"`. */
  readonly batch?: boolean | undefined
  /** The betas sent; if unknown, a long prompt is assumed to have had its required header. */
  readonly betas?: readonly string[] | undefined
  /** Default `ignore`: a retired model has the prices of its own era. */
  readonly lifecycle?: LifecycleMode | undefined
}

/**
 * Computes the cost of a call from the `usage` of its answer: one line per component, `input` and `output`
 * always and the others if not zero, each rounded once to nano-dollars; the total is the sum of the lines.
 * The usage shows whether the call ran fast, in a batch or in the US; the options hold the rest.
 *
 * A price that depends on something unknown (fast mode on a model without it, a day before the first rate
 * card, an advisor that the catalog does not know) is `unknown_price`, never zero. A counter without a price
 * leaves the rest of the price as it is and is named in `unpriced`. A retired model keeps its rate card.
 */
export function computePrice(usage: Usage, model: Model, options: PriceOptions = {}): Price {
  const today = getDay(options.asOf)
  const parsed = parseUsage(usage)
  if (!parsed.ok) return parsed
  const { quantities, others, terms, unpriced } = parsed
  const rate = (of: Model, counted: Quantities) =>
    ratesFor(of, {
      ...terms,
      day: getEffectiveDay(of, options.lifecycle ?? 'ignore', today),
      promptTokens: promptTokens(counted),
      batch: terms.batch || options.batch === true,
      platform: options.platform ?? 'anthropic',
      regional: options.region === 'regional',
      betas: options.betas,
    })
  const rates = rate(model, quantities)
  if (!rates.ok) return { ok: false, because: 'unknown_price', detail: rates.detail }
  const lines = [...priceLines(quantities, rates)]
  for (const other of others) {
    const found = resolve(other.model ?? '')
    if (!found.ok)
      return {
        ok: false,
        because: 'unknown_price',
        detail: `no price for a run of ${quoteName(other.model)}`,
      }
    const otherRates = rate(found.model, other.quantities)
    if (!otherRates.ok) return { ok: false, because: 'unknown_price', detail: otherRates.detail }
    const named = found.model === model ? {} : { model: found.model.id }
    lines.push(...priceLines(other.quantities, otherRates).map((line) => ({ ...line, ...named })))
  }
  return {
    ok: true,
    rateCard: rates.rateCard,
    lines,
    totalNanoUsd: lines.reduce((total, line) => total + line.costNanoUsd, 0n),
    unpriced,
  }
}

function quoteName(name: string | null): string {
  return JSON.stringify((name ?? '').slice(0, 100))
}

/** The whole prompt, which selects the price step: cached tokens count, output does not. */
export function promptTokens({ input, cache_write_5m, cache_write_1h, cache_read }: Quantities): bigint {
  return input + cache_write_5m + cache_write_1h + cache_read
}

function priceLines(
  quantities: Quantities,
  { perToken, modifiers }: Extract<Rates, { ok: true }>,
): readonly PriceLine[] {
  const lines = tokenComponents
    .filter((component) => quantities[component] > 0n || component === 'input' || component === 'output')
    .map((component): PriceLine => {
      const [quantity, each] = [quantities[component], perToken[component]]
      return { component, quantity, unit: 'token', ...cost(quantity, each), modifiers }
    })
  const searches = quantities.web_search
  if (searches === 0n) return lines
  const each = { pico: toolPrices.web_search.picoUsdPerUnit, over: 1n }
  const search = { component: 'web_search', quantity: searches, unit: 'request' } as const
  return [...lines, { ...search, ...cost(searches, each), modifiers: [] }]
}

/** The only rounding of a line: an exact fraction of pico-dollars to whole nano-dollars. */
function cost(quantity: bigint, each: Ratio): Pick<PriceLine, 'picoUsdPerUnit' | 'costNanoUsd'> {
  return {
    picoUsdPerUnit: wholePico(each),
    costNanoUsd: divideHalfEven(quantity * each.pico, each.over * 1000n),
  }
}

const tokenComponents = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output'] as const
