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

export const deprecatedOnBedrock: Lifecycle = {
  ...offered,
  stated: [{ from: '2026-08-01', status: 'deprecated', source: 'bedrock-2026-08' }],
}

export const retiredOnBedrock: Lifecycle = {
  ...offered,
  stated: [{ from: '2026-08-01', status: 'retired', source: 'bedrock-2026-08' }],
  note: 'First seen as retired in August 2026; no date is published.',
}

/** Offered in 2025; no page states a status since the Claude API retired it, on the day `from`. */
export function assumeUnknownSince(from: string): Lifecycle {
  return { ...offered, stated: [{ from, status: 'unknown', source: 'deprecations-2026-10' }] }
}
