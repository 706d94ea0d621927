/** A geography of Bedrock's inference profiles. */
export interface Geography {
  readonly name: string
  /** Larger geographies list some of their regions, and `global` the one with the most clients. */
  readonly regions: readonly string[]
}

/**
 * The geographies by the prefix of their profiles. Tokyo with Osaka and Sydney with Melbourne are documented
 * ("Geographic cross-Region inference", 2026).
 */
export const geographies: ReadonlyMap<string, Geography> = new Map([
  ['us', { name: 'US', regions: ['us-east-1', 'us-east-2', 'us-west-2'] }],
  ['eu', { name: 'EU', regions: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'] }],
  [
    'apac',
    {
      name: 'APAC',
      regions: ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
    },
  ],
  ['jp', { name: 'JP', regions: ['ap-northeast-1', 'ap-northeast-3'] }],
  ['au', { name: 'AU', regions: ['ap-southeast-2', 'ap-southeast-4'] }],
  ['ca', { name: 'CA', regions: ['ca-central-1', 'ca-west-1'] }],
  ['us-gov', { name: 'US Government', regions: ['us-gov-west-1', 'us-gov-east-1'] }],
  ['global', { name: 'Global', regions: ['us-east-1'] }],
])

/**
 * The prefixes of the profiles that keep a call inside the geography of a region, the nearest first; none for a region
 * without a geography of its own, such as `sa-east-1`. A prefix, such as `eu`, is its own geography.
 */
export function listGeographies(region: string): readonly string[] {
  if (region === 'global') return []
  if (geographies.has(region)) return [region]
  for (const prefix of ['jp', 'au', 'ca']) {
    if (geographies.get(prefix)?.regions.includes(region) === true)
      return prefix === 'ca' ? ['ca'] : [prefix, 'apac']
  }
  return [...byContinent].find(([start]) => region.startsWith(start))?.[1] ?? []
}

const byContinent: ReadonlyMap<string, readonly string[]> = new Map([
  ['us-gov-', ['us-gov']],
  ['us-', ['us']],
  ['eu-', ['eu']],
  ['ap-', ['apac']],
])

/** The regions of a geography, if its profiles are known to run in no others; null: the sources list only some of them. */
export function listWholeGeography(prefix: string): readonly string[] | null {
  return documented.has(prefix) ? (geographies.get(prefix)?.regions ?? null) : null
}

const documented: ReadonlySet<string> = new Set(['jp', 'au'])
