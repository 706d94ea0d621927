import type { Model } from '@anthology/catalog'

/**
 * Returns the class of models that share a limit. Opus 4.x, Sonnet 4.x, Fable 5.x and Mythos 5.x each share one; any
 * other model shares only with snapshots of the same name (docs.claude.com, api/rate-limits, Nov 2025; the newer models
 * from a copy of the page of Oct 2026).
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

/** Whether tokens read from the cache count: for Haiku 3.5, Haiku 3 and Opus 3, which that page marks. */
export function countsCacheReads({ family, generation }: Model): boolean {
  return (family === 'haiku' || family === 'opus') && generation.startsWith('3')
}
