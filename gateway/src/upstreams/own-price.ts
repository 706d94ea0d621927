import { CatalogError, parseUsdPerMTok, roundPicoToNano } from '@anthology/catalog'
import type { Bounds, Price, PriceComponent, PriceLine } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { GatewayError } from '../errors.ts'

/** The prices of an upstream with models of its own: `free`, or US dollars per million tokens as decimal text. */
export type OwnPrice = 'free' | Readonly<Partial<Record<OwnComponent, string>>>

type OwnComponent = 'input' | 'output' | 'cache_read' | 'cache_write'

/** Pico-dollars per unit of each component. */
export type OwnRates = (component: PriceComponent) => bigint

/** Reads own prices; throws a GatewayError for a text that is no price. Components without a price cost nothing. */
export function readOwnPrice(price: OwnPrice, upstream: string): OwnRates {
  if (price === 'free') return () => 0n
  const read = (component: OwnComponent): bigint => {
    try {
      return parseUsdPerMTok(price[component] ?? '0')
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error
      throw new GatewayError(
        'config_invalid',
        `upstream '${upstream}': price.${component}: ${error.message}`,
        {
          hint: 'Write US dollars per million tokens, such as "0.25".',
        },
      )
    }
  }
  const rates = {
    input: read('input'),
    output: read('output'),
    cache_read: read('cache_read'),
    cache_write: read('cache_write'),
  }
  return (component) => {
    if (component === 'input' || component === 'output' || component === 'cache_read') return rates[component]
    return component.startsWith('cache_write') ? rates.cache_write : 0n
  }
}

/** The prices that an operator has set for what runs at an upstream. */
export interface OwnPrices {
  /** The name of the upstream. */
  readonly upstream: string
  /** Its own prices, in place of those of the catalog. */
  readonly rates: OwnRates | undefined
  /** For a usage whose price nobody knows. */
  readonly fallback: OwnRates | null
}

/** Puts the operator's prices in the place of the catalog's price of a usage, or of a price that nobody knows. */
export function applyOwnPrices(
  price: Price,
  usage: UsageFields,
  { upstream, rates, fallback }: OwnPrices,
): Price {
  const [used, rateCard] =
    rates === undefined ? [fallback, 'fallback_price'] : [rates, `upstream/${upstream}`]
  if (price.ok) return rates === undefined ? price : applyOwnRates(price, rates, rateCard)
  if (used === null || price.because !== 'unknown_price') return price
  return priceByRates(usage, used, rateCard) ?? price
}

/** Prices the quantities of a catalog price by other rates. */
export function applyOwnRates(price: Price, rates: OwnRates, rateCard: string): Price {
  if (!price.ok) return price
  const lines = price.lines.map(({ component, quantity, unit }) => {
    const picoUsdPerUnit = rates(component)
    const costNanoUsd = roundPicoToNano(quantity * picoUsdPerUnit)
    return { component, quantity, unit, picoUsdPerUnit, costNanoUsd, modifiers: [] }
  })
  const totalNanoUsd = lines.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)
  return { ok: true, rateCard, lines, totalNanoUsd, unpriced: [] }
}

/** Prices a usage whose model has no known price. Null for a usage without readable counts. */
export function priceByRates(usage: UsageFields, rates: OwnRates, rateCard: string): Price | null {
  const count = (name: string): bigint | null => {
    const value = usage[name] ?? 0
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null
  }
  const lines: PriceLine[] = []
  for (const [component, name] of countedFields) {
    const quantity = count(name)
    if (quantity === null) return null
    const picoUsdPerUnit = rates(component)
    const costNanoUsd = roundPicoToNano(quantity * picoUsdPerUnit)
    lines.push({ component, quantity, unit: 'token', picoUsdPerUnit, costNanoUsd, modifiers: [] })
  }
  const totalNanoUsd = lines.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)
  return { ok: true, rateCard, lines, totalNanoUsd, unpriced: [] }
}

const countedFields = [
  ['input', 'input_tokens'],
  ['cache_write_5m', 'cache_creation_input_tokens'],
  ['cache_read', 'cache_read_input_tokens'],
  ['output', 'output_tokens'],
] as const

/**
 * The bounds of a call's cost by own rates: the prompt may be plain input, or read from or written to a cache if the
 * request has such marks. `cacheTtls` is undefined if it is not known whether it has any.
 */
export function quoteOwnRates(
  { promptTokens, outputTokens }: { readonly promptTokens: Bounds; readonly outputTokens: Bounds },
  cacheTtls: readonly string[] | undefined,
  rates: OwnRates,
): { readonly lowNanoUsd: bigint; readonly highNanoUsd: bigint } {
  const components: readonly PriceComponent[] =
    cacheTtls?.length === 0 ? ['input'] : ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h']
  const prompt = components.map(rates)
  const cheapest = prompt.reduce((best, rate) => (rate < best ? rate : best))
  const dearest = prompt.reduce((best, rate) => (rate > best ? rate : best))
  const output = rates('output')
  // Each of a call's lines is rounded on its own, by half a nano-dollar at most.
  const slack = [...prompt, output].some((rate) => rate % 1_000n !== 0n) ? BigInt(prompt.length) : 0n
  const low = sumNano([promptTokens.low, cheapest], [outputTokens.low, output])
  return {
    lowNanoUsd: low > slack ? low - slack : 0n,
    highNanoUsd: sumNano([promptTokens.high, dearest], [outputTokens.high, output]) + slack,
  }
}

function sumNano(...lines: readonly (readonly [tokens: number, rate: bigint])[]): bigint {
  return lines.reduce((sum, [tokens, rate]) => sum + roundPicoToNano(BigInt(tokens) * rate), 0n)
}
