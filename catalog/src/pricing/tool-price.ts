import { divideHalfEven } from './money.ts'
import type { SourceKey } from '../sources.ts'

/**
 * The prices of server tools, in addition to the tokens they use. A search costs 0.01 USD (10 USD per
 * 1,000); a failed one is free, and the API does not count it. Fetching a page costs its tokens only.
 */
export const toolPrices = {
  web_search: { picoUsdPerUnit: 10_000_000_000n, source: 'pricing-2025-11' },
  web_fetch: { picoUsdPerUnit: 0n, source: 'pricing-2025-11' },
} as const satisfies Record<string, { readonly picoUsdPerUnit: bigint; readonly source: SourceKey }>

/**
 * Containers of the code execution tool, billed by the hour after a free allowance of the organization,
 * which `usage` does not show: 50 hours a day in 2025, 1,550 a month in 2026. An execution counts as at
 * least five minutes (documented in 2025). In 2026 it is free in combination with web search or web fetch
 * of the versions from 20260209.
 */
export const codeExecutionPrice = {
  nanoUsdPerHour: 50_000_000n,
  minSecondsPerExecution: 300n,
  free: [
    { hours: 50n, per: 'day', stated: '2025-11' },
    { hours: 1550n, per: 'month', stated: '2026-10' },
  ],
} as const

/** The price of a number of seconds beyond the allowance, rounded once to nano-dollars. */
export function priceCodeExecution(billedSeconds: bigint): bigint {
  return divideHalfEven(billedSeconds * codeExecutionPrice.nanoUsdPerHour, 3600n)
}
