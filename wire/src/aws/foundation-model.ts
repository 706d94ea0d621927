import type { BedrockError } from './bedrock-error.ts'
import { bedrockTexts } from './bedrock-text.ts'
import { foundationModelArn } from './inference-profile.ts'
import { parseBedrockModelId } from './model-id.ts'

/** The facts about a model on Bedrock. */
export interface FoundationModelFacts {
  readonly id: string
  /** Such as `Claude Opus 4.1`. */
  readonly name: string
  readonly readsImages: boolean
  /** Newer models are only available through inference profiles. */
  readonly onDemand: boolean
  /** `LEGACY` once its retirement has been announced. */
  readonly status: 'ACTIVE' | 'LEGACY'
  /** `YYYY-MM-DD`; null or missing: not known. */
  readonly legacyDay?: string | null
  readonly endOfLifeDay?: string | null
}

/** "FoundationModelSummary" of the Amazon Bedrock API reference. */
export interface FoundationModel {
  readonly modelArn: string
  readonly modelId: string
  readonly modelName: string
  readonly providerName: 'Anthropic'
  readonly inputModalities: readonly string[]
  readonly outputModalities: readonly ['TEXT']
  readonly responseStreamingSupported: true
  readonly customizationsSupported: readonly []
  readonly inferenceTypesSupported: readonly ('ON_DEMAND' | 'INFERENCE_PROFILE')[]
  readonly modelLifecycle: FoundationModelLifecycle
}

/** "FoundationModelLifecycle" of the same reference; times are in ISO 8601. */
interface FoundationModelLifecycle {
  readonly status: 'ACTIVE' | 'LEGACY'
  readonly legacyTime?: string
  readonly endOfLifeTime?: string
}

/**
 * The models that match the filters of "ListFoundationModels"; `query` is the raw query. The provider is
 * compared case-insensitively, which is inferred from what clients send.
 */
export function listFoundationModels(
  facts: readonly FoundationModelFacts[],
  query: string,
  region: string,
): { readonly modelSummaries: readonly FoundationModel[] } {
  const { byProvider, byInferenceType, byOutputModality, byCustomizationType } = Object.fromEntries(
    new URLSearchParams(query),
  )
  const none =
    (byProvider !== undefined && byProvider.toLowerCase() !== 'anthropic') ||
    (byOutputModality !== undefined && byOutputModality !== 'TEXT') ||
    byCustomizationType !== undefined
  const models = none ? [] : facts.map((model) => describe(model, region))
  return {
    modelSummaries: models.filter(
      ({ inferenceTypesSupported }) =>
        byInferenceType === undefined || inferenceTypesSupported.some((type) => type === byInferenceType),
    ),
  }
}

/** "GetFoundationModel" of the same reference: one model, by the raw path segment of its id or its ARN. */
export function findFoundationModel(
  facts: readonly FoundationModelFacts[],
  rawSegment: string,
  region: string,
): { readonly ok: true; readonly body: { readonly modelDetails: FoundationModel } } | ModelNotFound {
  const parsed = parseBedrockModelId(rawSegment)
  const id = parsed.ok && parsed.id.arn?.resource === 'foundation-model' ? parsed.id.arn.resourceId : null
  const found = facts.find((model) => model.id === (id ?? (parsed.ok ? parsed.id.text : '')))
  if (found === undefined)
    return { ok: false, type: 'ValidationException', message: bedrockTexts.unknownModel }
  return { ok: true, body: { modelDetails: describe(found, region) } }
}

type ModelNotFound = { readonly ok: false } & BedrockError

function describe(model: FoundationModelFacts, region: string): FoundationModel {
  return {
    modelArn: foundationModelArn(region, model.id),
    modelId: model.id,
    modelName: model.name,
    providerName: 'Anthropic',
    inputModalities: model.readsImages ? ['TEXT', 'IMAGE'] : ['TEXT'],
    outputModalities: ['TEXT'],
    responseStreamingSupported: true,
    customizationsSupported: [],
    inferenceTypesSupported: [model.onDemand ? 'ON_DEMAND' : 'INFERENCE_PROFILE'],
    modelLifecycle: describeLifecycle(model),
  }
}

function describeLifecycle({
  status,
  legacyDay = null,
  endOfLifeDay = null,
}: FoundationModelFacts): FoundationModelLifecycle {
  return {
    status,
    ...(legacyDay !== null && { legacyTime: formatTime(legacyDay) }),
    ...(endOfLifeDay !== null && { endOfLifeTime: formatTime(endOfLifeDay) }),
  }
}

/** The service publishes days only; the form of its times is the one in replies of `ListFoundationModels`. */
function formatTime(day: string): string {
  return `${day}T00:00:00+00:00`
}
