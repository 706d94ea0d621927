import { isProfileOnly, getLifecycle, noticeUnlistedProfile } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { bedrockTexts, parseBedrockModelId } from '@anthology/wire'
import type { BedrockError } from '@anthology/wire'

import type { ServedModels } from '../../api/served-models.ts'

export type BedrockModel =
  | {
      readonly ok: true
      readonly model: Model
      /** The decoded id of the path. */
      readonly id: string
      /** The id is an inference profile, not the model itself. */
      readonly isProfile: boolean
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly error: BedrockError }

/**
 * Finds the model of a path by its Bedrock id, with or without the prefix of an inference profile, or by the ARN of
 * either. Names of the Claude API are unknown here.
 */
export function findBedrockModel(segment: string, servedModels: ServedModels): BedrockModel {
  const parsed = parseBedrockModelId(segment)
  if (!parsed.ok) return { ok: false, error: parsed }
  const { text, profile, arn } = parsed.id
  const named = arn?.resourceId ?? text
  const bareId = profile === null ? named : named.slice(profile.length + 1)
  const model = servedModels.models.find(({ platforms }) => platforms.bedrock === bareId)
  if (!model) return unknown
  const lifecycleError =
    servedModels.lifecycle === 'enforce' ? findLifecycleError(model, servedModels.asOf()) : null
  if (lifecycleError) return { ok: false, error: lifecycleError }
  const notice = profile === null ? null : noticeUnlistedProfile(model, profile)
  return { ok: true, model, id: text, isProfile: profile !== null, notices: notice === null ? [] : [notice] }
}

/**
 * Returns Bedrock's error for a call of a model by its own id if only inference profiles serve it, which holds for models
 * since Claude 4 that have profiles ("Supported Regions and models for inference profiles", 2026).
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

/** The text for a retired model is inferred. */
function findLifecycleError(model: Model, day: string): BedrockError | null {
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
