import type { Model, Platform } from '../model.ts'

export interface PlaceOptions {
  /** A region of the platform (`eu-west-1`, `us-east5`), or `global`. */
  readonly region?: string | undefined
}

/**
 * Returns a model's name on a platform, the inverse of `resolve`; null if it is not offered, as far as is
 * known. With a region, Bedrock's name is the id of the inference profile that serves it: the nearest, else
 * the global one.
 *
 * `nameOn(opus45, 'bedrock', { region: 'eu-west-1' })` is `eu.anthropic.claude-opus-4-5-20251101-v1:0`.
 */
export function nameOn(model: Model, platform: Platform, { region }: PlaceOptions = {}): string | null {
  const id = model.platforms[platform]
  if (id === null || region === undefined) return id
  if (platform === 'bedrock') return profileIn(model, id, region)
  return platform === 'vertex' && !isServedIn(model, region) ? null : id
}

/** Without facts about profiles only the id itself is known. */
function profileIn({ bedrockProfiles }: Model, id: string, region: string): string | null {
  if (bedrockProfiles === null) return id
  const prefix = [...getProfiles(region), 'global'].find((each) => bedrockProfiles.includes(each))
  return prefix === undefined ? null : `${prefix}.${id}`
}

/** The profiles that run in a region, the nearest first (Bedrock's inference profiles, 2026). */
function getProfiles(region: string): readonly string[] {
  if (region.startsWith('us-gov-')) return ['us-gov']
  if (region.startsWith('us-')) return ['us']
  if (region.startsWith('eu-')) return ['eu']
  if (['ap-northeast-1', 'ap-northeast-3'].includes(region)) return ['jp', 'apac']
  if (['ap-southeast-2', 'ap-southeast-4'].includes(region)) return ['au', 'apac']
  return region.startsWith('ap-') ? ['apac'] : []
}

/** Regional endpoints of Google Cloud serve Sonnet 4.6 and older; newer models are global or multi-region only. */
function isServedIn({ lifecycle }: Model, region: string): boolean {
  return ['global', 'us', 'eu'].includes(region) || lifecycle.anthropic.released <= releaseOfSonnet46
}

const releaseOfSonnet46 = '2026-02-17'
