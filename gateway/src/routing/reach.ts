import { listWholeGeography } from '@anthology/catalog'
import { parseBedrockModelId } from '@anthology/wire'

import type { UpstreamAccount } from '../upstreams/account.ts'

type Source = Pick<UpstreamAccount, 'platform' | 'region' | 'profile'>

/**
 * Says why a call may run outside the allowed regions although its upstream is in one of them; null: it stays inside.
 * Only Bedrock passes calls on: an inference profile chooses the region that answers. The host of a location of Vertex AI
 * is the place where the call runs.
 */
export function describeReach(
  source: Source,
  modelName: string,
  regions: ReadonlySet<string>,
): string | null {
  if (source.platform !== 'bedrock') return null
  const reach = findReach(source, modelName)
  const allowed = `the key may use ${[...regions].join(', ')}`
  if (reach === null)
    return `its own name of the model does not say where calls run; ${allowed}. Set profile of the upstream to the prefix of that profile, or to none if it stays in the region`
  if (regions.has(reach) || listWholeGeography(reach)?.every((region) => regions.has(region)) === true)
    return null
  if (reach === 'global')
    return `its calls of the model may run in any region, by the global inference profile; ${allowed}. Allow global, or set profile of the upstream to a geography that offers the model`
  return `its calls of the model may run anywhere in ${reach}; ${allowed}. Allow ${reach} as well`
}

/** A region, the prefix of a geography, or `global`; null: the name does not say it. */
function findReach({ region, profile }: Source, modelName: string): string | null {
  const parsed = parseBedrockModelId(encodeURIComponent(modelName))
  const { arn = null, profile: prefix = null, text = modelName } = parsed.ok ? parsed.id : {}
  if (prefix !== null) return prefix
  if (arn === null ? baseName.test(text) : regionalResources.has(arn.resource))
    return arn?.region || (region ?? null)
  // The operator knows where an application inference profile runs.
  if (profile === undefined) return null
  return profile === 'none' ? (region ?? null) : profile
}

/** The id of a model itself, which runs where it is called. */
const baseName = /^anthropic\./

/** The resources that run in the region of their ARN; an application inference profile can be a copy of any other. */
const regionalResources: ReadonlySet<string> = new Set([
  'foundation-model',
  'provisioned-model',
  'custom-model',
  'custom-model-deployment',
])
