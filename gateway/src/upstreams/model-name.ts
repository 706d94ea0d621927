import { findEndpoint, nameOn } from '@anthology/catalog'
import type { Model, PriceOptions } from '@anthology/catalog'

import type { UpstreamAccount } from './account.ts'
import { anyModel } from './foreign-model.ts'

type Place = Pick<UpstreamAccount, 'platform' | 'region' | 'profile' | 'models' | 'foreign' | 'adapter'>

/** A model's name at an upstream: its own name there, else the catalog's for platform, region and profile; null: not offered. */
export function nameAt(model: Model, place: Place): string | null {
  let known = names.get(place)
  if (known === undefined) names.set(place, (known = new WeakMap()))
  let name = known.get(model)
  if (name === undefined) known.set(model, (name = findName(model, place)))
  return name
}

/** Every plan asks for the names, which never change. */
const names = new WeakMap<Place, WeakMap<Model, string | null>>()

function findName(
  model: Model,
  { platform, region, profile, models, foreign, adapter }: Place,
): string | null {
  if (foreign?.models.has(model.id) === true) return model.id
  const own = models?.get(model.id) ?? models?.get(anyModel)
  if (own !== undefined) return own
  if (foreign !== undefined) return null
  if (adapter?.nameModel !== undefined) return adapter.nameModel(model)
  if (platform !== 'bedrock' || profile === undefined) return nameOn(model, platform, { region })
  const id = model.platforms.bedrock
  if (id === null || profile === 'none') return id
  // The partition of the US government has no other profiles, and no source lists them.
  const isListed = model.bedrockProfiles?.includes(profile) ?? true
  const isKnownElsewhere = !isListed && profile !== 'us-gov'
  return isKnownElsewhere ? null : `${profile}.${id}`
}

/**
 * The price class of a call by where it runs (`findEndpoint`). A name that does not tell, such as the ARN of an application
 * inference profile, has that of the configured `profile`; without one it counts as regional, the dearest.
 */
export function getPriceRegion(
  { platform, region, profile }: Place,
  modelName: string,
): PriceOptions['region'] {
  if (platform === 'vertex') return region === undefined || region === 'global' ? 'global' : 'regional'
  if (platform !== 'bedrock') return undefined
  let named = bedrockRegions.get(modelName)
  if (named === undefined) bedrockRegions.set(modelName, (named = findEndpoint(modelName)?.region ?? null))
  return named ?? (profile === 'global' ? 'global' : 'regional')
}

/** The regions by the names of the catalog and the configuration, which are some hundred; null: the name does not tell. */
const bedrockRegions = new Map<string, NonNullable<PriceOptions['region']> | null>()
