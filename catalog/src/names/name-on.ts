import { listGeographies } from './bedrock-regions.ts'
import type { Model, Platform } from '../model.ts'

export interface PlaceOptions {
  /** A region of the platform (`eu-west-1`, `us-east5`), or `global`. */
  readonly region?: string | undefined
}

/**
 * Returns a model's name on a platform, the inverse of `resolve`; null if it is not offered, as far as is
 * known. With a region, Bedrock's name is the id of the inference profile that serves it: the nearest, else
 * the global one. `describePlace` has what is uncertain about it.
 *
 * `nameOn(opus45, 'bedrock', { region: 'eu-west-1' })` is `eu.anthropic.claude-opus-4-5-20251101-v1:0`.
 */
export function nameOn(model: Model, platform: Platform, { region }: PlaceOptions = {}): string | null {
  const id = model.platforms[platform]
  if (id === null || region === undefined) return id
  if (platform === 'bedrock') return profileIn(model, id, region)
  return platform === 'vertex' && !isServedIn(model, region) ? null : id
}

/**
 * Describes, in one sentence, a name of `nameOn` that leaves the region's geography or that no source lists; null if
 * there is nothing to add.
 */
export function describePlace(model: Model, { region }: PlaceOptions): string | null {
  const prefix = region === undefined ? null : findPrefix(model, region)
  if (prefix === null || region === undefined || region === 'global') return null
  if (prefix === 'global')
    return `No profile of the geography of ${region} is known: the global one may serve a call anywhere.`
  if (model.bedrockProfiles?.includes(prefix) === true) return null
  return `No source lists this profile; ${region} is in a partition that only ${prefix} profiles serve.`
}

function profileIn(model: Model, id: string, region: string): string | null {
  if (isElsewhere(region)) return null
  // Without facts about profiles only the id itself is known.
  if (model.bedrockProfiles === null) return id
  const prefix = findPrefix(model, region)
  return prefix === null ? null : `${prefix}.${id}`
}

function findPrefix({ bedrockProfiles }: Model, region: string): string | null {
  if (bedrockProfiles === null || isElsewhere(region)) return null
  // The AWS partition of the US government has no global profiles.
  if (isGovernment(region)) return 'us-gov'
  return [...listGeographies(region), 'global'].find((each) => bedrockProfiles.includes(each)) ?? null
}

function isGovernment(region: string): boolean {
  return region === 'us-gov' || region.startsWith('us-gov-')
}

/** The partition of China has no Claude models; `us-east5` and `europe-west1` are regions of Google Cloud. */
function isElsewhere(region: string): boolean {
  return region.startsWith('cn-') || /[a-z]\d+$/.test(region)
}

/** Regional endpoints of Google Cloud serve Sonnet 4.6 and older; newer models are global or multi-region only. */
function isServedIn({ lifecycle }: Model, region: string): boolean {
  return ['global', 'us', 'eu'].includes(region) || lifecycle.anthropic.released <= releaseOfSonnet46
}

const releaseOfSonnet46 = '2026-02-17'
