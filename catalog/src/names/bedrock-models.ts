import { geographies } from './bedrock-regions.ts'
import { getLifecycle } from '../lifecycle/lifecycle.ts'
import { getCreatedAt } from '../publish/model-description.ts'
import type { Model } from '../model.ts'
import { isFrom } from '../checks/rule.ts'

/** An inference profile of Bedrock: a model served from the regions of one geography. */
export interface BedrockProfile {
  /** For example `us.anthropic.claude-opus-4-1-20250805-v1:0`. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** The id of its model, without the prefix. */
  readonly modelId: string
  readonly regions: readonly string[]
  /** ISO 8601. */
  readonly createdAt: string
}

/** A model in Bedrock's list. */
export interface BedrockModel {
  readonly id: string
  readonly name: string
  readonly readsImages: boolean
  /** False if only inference profiles serve it. */
  readonly onDemand: boolean
  /** `LEGACY` after its retirement was announced. */
  readonly status: 'ACTIVE' | 'LEGACY'
  /** The first days of Legacy and of its end of life, once announced; null: not known. */
  readonly legacyDay: string | null
  readonly endOfLifeDay: string | null
}

/** Returns the inference profiles of those models that Bedrock offers. */
export function getBedrockProfiles(models: readonly Model[]): readonly BedrockProfile[] {
  return models.flatMap((model) => {
    const modelId = model.platforms.bedrock
    return modelId === null
      ? []
      : (model.bedrockProfiles ?? []).map((prefix) => toProfile(model, modelId, prefix))
  })
}

/** Returns those models that Bedrock offers on a day (`YYYY-MM-DD`). */
export function getBedrockModels(models: readonly Model[], asOf: string): readonly BedrockModel[] {
  return models.flatMap((model): BedrockModel[] => {
    const id = model.platforms.bedrock
    if (id === null) return []
    const { status, deprecated, retired } = getLifecycle(model, 'bedrock', asOf)
    const isEnding = status === 'deprecated' || status === 'retired'
    return [
      {
        id,
        name: model.name,
        readsImages: model.vision,
        onDemand: !isProfileOnly(model),
        status: isEnding ? 'LEGACY' : 'ACTIVE',
        legacyDay: deprecated,
        endOfLifeDay: retired,
      },
    ]
  })
}

/**
 * From Claude 4 on, a model that has profiles is served by them only ("Supported Regions and models for
 * inference profiles", 2026).
 */
export function isProfileOnly({ generation, bedrockProfiles }: Model): boolean {
  return Number.parseInt(generation, 10) >= 4 && (bedrockProfiles ?? []).length > 0
}

/**
 * The name on Bedrock's Messages endpoint of its own (mantle): one of its own, or the runtime's where it has neither date
 * nor version; null: the model is not there. Sonnet 4.6 is the one exception ("Claude in Amazon Bedrock", 2026).
 */
export function getMantleName({ id, mantleId, platforms }: Model): string | null {
  if (mantleId !== undefined) return mantleId
  return platforms.bedrock === `anthropic.${id}` && id !== 'claude-sonnet-4-6' ? platforms.bedrock : null
}

/**
 * Whether the runtime's CountTokens knows the model: it refuses Opus 5 and Sonnet 5.5, which were launched with
 * cross-region profiles only, and counts for Haiku 4.5 ("CountTokens", 2026, and measurements of October 2026).
 * Inferred for the other models from 5 on.
 */
export function hasBedrockTokenCount({ generation, platforms }: Model): boolean {
  return platforms.bedrock !== null && Number.parseInt(generation, 10) < 5
}

/** The versions of the Messages API in InvokeModel: 2026-10-21 is accepted from Claude 4.7 on ("Versions", 2026). */
export function takesVersion2026OnBedrock(model: Model): boolean {
  return isFrom(model, '4.7')
}

/** A notice for a profile of a model that no source lists, although AWS may have it; null for any other profile. */
export function noticeUnlistedProfile({ name, bedrockProfiles }: Model, profile: string): string | null {
  const listed: readonly string[] = bedrockProfiles ?? []
  if (listed.includes(profile)) return null
  const known = listed.length === 0 ? 'none' : listed.map((prefix) => `${prefix}.`).join(', ')
  return `No source lists the inference profile ${profile}. of ${name}; known: ${known}`
}

function toProfile(model: Model, modelId: string, prefix: string): BedrockProfile {
  const { name, regions } = geographies.get(prefix) ?? { name: prefix, regions: [] }
  return {
    id: `${prefix}.${modelId}`,
    name: `${name} Anthropic ${model.name}`,
    description: `Routes requests to Anthropic ${model.name} in ${regions.join(', ')}.`,
    modelId,
    regions,
    createdAt: getCreatedAt(model),
  }
}
