import type { Model } from '@anthology/catalog'

/**
 * The models that share a limit: Opus 4.x, Sonnet 4.x, Fable 5.x and Mythos 5.x do, any other snapshot
 * shares only with those of its own name (docs.claude.com, api/rate-limits, Nov 2025; the later
 * ones by a copy of the page of Oct 2026).
 */
export function getRateClass({ family, generation }: Model): string {
  const shared = sharedGenerations[family]
  return shared !== null && generation.startsWith(shared)
    ? `${family} ${shared}.x`
    : `${family} ${generation}`
}

const sharedGenerations: Readonly<Record<Model['family'], string | null>> = {
  opus: '4',
  sonnet: '4',
  haiku: null,
  fable: '5',
  mythos: '5',
}

/** Where tokens read from the cache count like others: Haiku 3.5, Haiku 3 and Opus 3, marked on that page. */
export function countsCacheReads({ family, generation }: Model): boolean {
  return (family === 'haiku' || family === 'opus') && generation.startsWith('3')
}
