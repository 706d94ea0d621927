import { getLifecycle } from '../lifecycle/lifecycle.ts'
import { getCreatedAt } from '../publish/model-description.ts'
import type { Model } from '../model.ts'

/** An inference profile of Bedrock: one of its models, served from the regions of a geography. */
export interface BedrockProfile {
  /** Such as `us.anthropic.claude-opus-4-1-20250805-v1:0`. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** The id of its model, without the prefix. */
  readonly modelId: string
  readonly regions: readonly string[]
  /** ISO 8601. */
  readonly createdAt: string
}

/** A model as Bedrock lists it. */
export interface BedrockModel {
  readonly id: string
  readonly name: string
  readonly readsImages: boolean
  /** False where only inference profiles serve it. */
  readonly onDemand: boolean
  /** `LEGACY` once its end was announced. */
  readonly status: 'ACTIVE' | 'LEGACY'
}

/** The inference profiles of those of the models that Bedrock has. */
export function getBedrockProfiles(models: readonly Model[]): readonly BedrockProfile[] {
  return models.flatMap((model) => {
    const modelId = model.platforms.bedrock
    return modelId === null
      ? []
      : (model.bedrockProfiles ?? []).map((prefix) => toProfile(model, modelId, prefix))
  })
}

/** Those of the models that Bedrock has, as of a day (`YYYY-MM-DD`). */
export function getBedrockModels(models: readonly Model[], asOf: string): readonly BedrockModel[] {
  return models.flatMap((model): BedrockModel[] => {
    const id = model.platforms.bedrock
    if (id === null) return []
    const { status } = getLifecycle(model, 'bedrock', asOf)
    const isEnding = status === 'deprecated' || status === 'retired'
    return [
      {
        id,
        name: model.name,
        readsImages: model.vision,
        onDemand: !isProfileOnly(model),
        status: isEnding ? 'LEGACY' : 'ACTIVE',
      },
    ]
  })
}

/** From Claude 4 on, a model that has profiles is served by them only ("Supported Regions and models for inference profiles", 2026). */
export function isProfileOnly({ generation, bedrockProfiles }: Model): boolean {
  return Number.parseInt(generation, 10) >= 4 && (bedrockProfiles ?? []).length > 0
}

function toProfile(model: Model, modelId: string, prefix: string): BedrockProfile {
  const { name, regions } = geographies[prefix] ?? { name: prefix, regions: [] }
  return {
    id: `${prefix}.${modelId}`,
    name: `${name} Anthropic ${model.name}`,
    description: `Routes requests to Anthropic ${model.name} in ${regions.join(', ')}.`,
    modelId,
    regions,
    createdAt: getCreatedAt(model),
  }
}

/**
 * Where the profiles of a prefix run. Tokyo with Osaka and Sydney with Melbourne are told ("Geographic cross-Region
 * inference", 2026); of the larger ones some of the regions stand here, of `global` the one where most clients are.
 */
const geographies: Readonly<Record<string, { readonly name: string; readonly regions: readonly string[] }>> =
  {
    us: { name: 'US', regions: ['us-east-1', 'us-east-2', 'us-west-2'] },
    eu: { name: 'EU', regions: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'] },
    apac: {
      name: 'APAC',
      regions: ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
    },
    jp: { name: 'JP', regions: ['ap-northeast-1', 'ap-northeast-3'] },
    au: { name: 'AU', regions: ['ap-southeast-2', 'ap-southeast-4'] },
    global: { name: 'Global', regions: ['us-east-1'] },
  }
