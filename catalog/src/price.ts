import { dayOf } from './day.ts'
import type { Model, RateCard, TokenPrices } from './model.ts'
import { parseUsdPerMTok, roundPicoToNano } from './money.ts'
import { toolPrices } from './tool-price.ts'
import type { Quantities } from './usage.ts'
import { parseUsage } from './usage.ts'
import type { Usage } from './usage.ts'

export type PriceComponent = keyof TokenPrices | 'web_search'

export type PriceLine = {
  readonly component: PriceComponent
  readonly quantity: bigint
  readonly unit: 'token' | 'request'
  readonly picoUsdPerUnit: bigint
  readonly costNanoUsd: bigint
}

export type Price =
  | {
      readonly ok: true
      /** The id of the rate card that was applied. */
      readonly rateCard: string
      readonly lines: readonly PriceLine[]
      readonly totalNanoUsd: bigint
    }
  | { readonly ok: false; readonly because: 'unknown_price' | 'bad_usage'; readonly detail: string }

/**
 * What a call cost, from the `usage` of its answer: one line per component, `input` and `output` always and the
 * others where there is something to pay, each rounded once to nano-dollars; the total is the sum of the lines.
 *
 * What the catalog has no price for (batch, fast mode, inference in one region, a counter it does not know, a day
 * before the first rate card) is `unknown_price`, never zero. A retired model keeps its last rate card.
 */
export function priceOf(usage: Usage, model: Model, options: { asOf?: string | undefined } = {}): Price {
  const day = dayOf(options.asOf)
  const parsed = parseUsage(usage)
  if (!parsed.ok) return parsed
  const card = model.rateCards.findLast(({ from }) => from <= day)
  if (card === undefined) {
    return { ok: false, because: 'unknown_price', detail: `no rate card of ${model.id} is valid on ${day}` }
  }
  const lines = priceLines(parsed.quantities, pricesFor(parsed.quantities, card))
  return {
    ok: true,
    rateCard: card.id,
    lines,
    totalNanoUsd: lines.reduce((total, line) => total + line.costNanoUsd, 0n),
  }
}

/** Long context: once the prompt is longer than the card's step, every token of the request is at its prices. */
function pricesFor(quantities: Quantities, { standard, longContext }: RateCard): TokenPrices {
  const { input, cache_write_5m, cache_write_1h, cache_read } = quantities
  const promptTokens = input + cache_write_5m + cache_write_1h + cache_read
  return longContext !== undefined && promptTokens > BigInt(longContext.aboveTokens) ? longContext : standard
}

function priceLines(quantities: Quantities, prices: TokenPrices): readonly PriceLine[] {
  const pico = picoPrices(prices)
  const lines = tokenComponents
    .filter((component) => quantities[component] > 0n || component === 'input' || component === 'output')
    .map((component) => priceLine(component, quantities[component], 'token', pico[component]))
  if (quantities.web_search === 0n) return lines
  return [
    ...lines,
    priceLine('web_search', quantities.web_search, 'request', toolPrices.web_search.picoUsdPerUnit),
  ]
}

function priceLine(
  component: PriceComponent,
  quantity: bigint,
  unit: PriceLine['unit'],
  picoUsdPerUnit: bigint,
): PriceLine {
  return {
    component,
    quantity,
    unit,
    picoUsdPerUnit,
    costNanoUsd: roundPicoToNano(quantity * picoUsdPerUnit),
  }
}

const tokenComponents = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output'] as const

/** The prices of a card are read once, not for every call. */
const picoByPrices = new WeakMap<TokenPrices, Readonly<Record<keyof TokenPrices, bigint>>>()

function picoPrices(prices: TokenPrices): Readonly<Record<keyof TokenPrices, bigint>> {
  const known = picoByPrices.get(prices)
  if (known !== undefined) return known
  const pico = {
    input: parseUsdPerMTok(prices.input),
    cache_write_5m: parseUsdPerMTok(prices.cache_write_5m),
    cache_write_1h: parseUsdPerMTok(prices.cache_write_1h),
    cache_read: parseUsdPerMTok(prices.cache_read),
    output: parseUsdPerMTok(prices.output),
  }
  picoByPrices.set(prices, pico)
  return pico
}
