import { isProfileOnly, getLifecycle } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { bedrockTexts, parseBedrockModelId } from '@anthology/wire'
import type { BedrockError } from '@anthology/wire'

import type { ServedModels } from '../../api/served-models.ts'

export type BedrockModel =
  | {
      readonly ok: true
      readonly model: Model
      /** The id as it stands in the path, decoded. */
      readonly id: string
      /** An inference profile was named, not the model itself. */
      readonly isProfile: boolean
    }
  | { readonly ok: false; readonly error: BedrockError }

/**
 * Finds the model that a path names, as Bedrock knows it: by its id there, behind the prefix of any inference profile,
 * or by the ARN of either. Names of the Claude API are unknown here.
 */
export function findBedrockModel(segment: string, servedModels: ServedModels): BedrockModel {
  const parsed = parseBedrockModelId(segment)
  if (!parsed.ok) return { ok: false, error: parsed }
  const { text, profile, arn } = parsed.id
  const named = arn?.resourceId ?? text
  const bareId = profile === null ? named : named.slice(profile.length + 1)
  const model = servedModels.models.find(({ platforms }) => platforms.bedrock === bareId)
  if (!model) return unknown
  const gone = servedModels.lifecycle === 'enforce' ? findEnd(model, servedModels.asOf()) : null
  if (gone) return { ok: false, error: gone }
  return { ok: true, model, id: text, isProfile: profile !== null }
}

/**
 * What Bedrock says where a model is called by its own id, though only inference profiles serve it: so it is with the
 * models from Claude 4 on that have profiles ("Supported Regions and models for inference profiles", 2026).
 */
export function findOnDemandError({
  model,
  id,
  isProfile,
}: BedrockModel & { ok: true }): BedrockError | null {
  if (isProfile || !isProfileOnly(model)) return null
  return { type: 'ValidationException', message: bedrockTexts.onDemand(id) }
}

const unknown = {
  ok: false,
  error: { type: 'ValidationException', message: bedrockTexts.unknownModel },
} as const

/** The text of the end of life is inferred. */
function findEnd(model: Model, day: string): BedrockError | null {
  switch (getLifecycle(model, 'bedrock', day).status) {
    case 'unreleased':
      return unknown.error
    case 'retired':
      return {
        type: 'ResourceNotFoundException',
        message:
          'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
      }
    case 'active':
    case 'deprecated':
    case 'unknown':
      return null
  }
}
