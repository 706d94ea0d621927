import type { SourceKey } from './sources.ts'

/**
 * What server tools cost beside the tokens they use. A search costs 10 USD per 1,000, so 0.01 USD; one that failed
 * is free and is not counted by the API. Fetching a page costs its tokens only.
 */
export const toolPrices = {
  web_search: { picoUsdPerUnit: 10_000_000_000n, source: 'pricing-2025-11' },
  web_fetch: { picoUsdPerUnit: 0n, source: 'pricing-2025-11' },
} as const satisfies Record<string, { readonly picoUsdPerUnit: bigint; readonly source: SourceKey }>
