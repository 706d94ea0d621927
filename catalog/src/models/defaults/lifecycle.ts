import type { Lifecycle } from '../../model.ts'

/** Offered, with no date published that we have seen; a model file adds the dates that there are. */
export const offered: Lifecycle = {
  released: null,
  deprecated: null,
  retired: null,
  notBefore: null,
  replacement: null,
}

export const onEveryCloud = { bedrock: offered, vertex: offered, foundry: offered } as const

/** Offered since Foundry began, in November 2025; the day is the first of the month. */
export const offeredWhenFoundryBegan: Lifecycle = { ...offered, released: '2025-11-01' }

/** Retired on the Claude API, but not on this cloud, in October 2026. */
export const stillReachable: Lifecycle = {
  ...offered,
  note: 'Still reachable in October 2026, after its retirement on the Claude API.',
}

/**
 * Bedrock's own dates: a model is deprecated while it is Legacy, and retired from its end of life on (Model
 * lifecycle, docs.aws.amazon.com/bedrock).
 */
export function endOnBedrock(deprecated: string, retired: string): Lifecycle {
  return { ...offered, deprecated, retired }
}

/** For the `uncertain` list of a model whose first Legacy day is not published in the sources. */
export function inferLegacyDay(day: string): string {
  return `the first day of Legacy on Bedrock, ${day}: six months before its end of life, the shortest time that AWS documents`
}

/** Offered in 2025; no page states a status since the Claude API retired it, on the day `from`. */
export function assumeUnknownSince(from: string): Lifecycle {
  return { ...offered, stated: [{ from, status: 'unknown', source: 'deprecations-2026-10' }] }
}
