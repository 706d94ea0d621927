import { CatalogError, parseUsdPerMTok, roundPicoToNano } from '@anthology/catalog'
import type { Price, PriceComponent } from '@anthology/catalog'

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
