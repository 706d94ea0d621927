import {
  describeUnresolved,
  getLifecycle,
  isProfileOnly,
  noticeUnlistedProfile,
  resolve,
} from '@anthology/catalog'
import type { Model, Resolution } from '@anthology/catalog'
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
      readonly window: '1m' | undefined
      readonly notices: readonly string[]
    }
  /** The hint is empty if nothing resembles the name. */
  | { readonly ok: false; readonly error: BedrockError; readonly hint: string }

/**
 * Finds the model of a path by its Bedrock id, with or without the prefix of an inference profile, or by the ARN of
 * either. Names of the Claude API are unknown here.
 */
export function findBedrockModel(segment: string, servedModels: ServedModels): BedrockModel {
  const parsed = parseBedrockModelId(segment)
  if (!parsed.ok) return { ok: false, error: parsed, hint: '' }
  const { text, profile, arn } = parsed.id
  const named = arn?.resourceId ?? text
  const found = resolve(text, { platform: 'bedrock' })
  const bareId = (profile === null ? named : named.slice(profile.length + 1)).replace(extensions, '')
  const model = servedModels.models.find(({ platforms }) => platforms.bedrock === bareId)
  if (!model) return describeUnknown(found)
  const lifecycleError =
    servedModels.lifecycle === 'enforce' ? findLifecycleError(model, servedModels.asOf()) : null
  if (lifecycleError) return { ok: false, error: lifecycleError, hint: '' }
  const window = found.ok ? found.window : undefined
  const notice = profile === null ? null : noticeUnlistedProfile(model, profile)
  const notices = notice === null ? [] : [notice]
  return { ok: true, model, id: text, isProfile: profile !== null, window, notices }
}

/** Claude Code's `[1m]`, and the window of an id for provisioned throughput, such as `:48k`. */
const extensions = /(?::\d+k)?(?:\[1m\])?$/i

/**
 * Returns Bedrock's error for a call of a model by its own id if only inference profiles serve it, which holds for models
 * since Claude 4 that have profiles ("Supported Regions and models for inference profiles", 2026).
 */
export function findOnDemandError({
  model,
  id,
  isProfile,
}: BedrockModel & { ok: true }): BedrockError | null {
  // The emulator has no provisioned throughput.
  const isProvisioned = /:\d+k(?:\[1m\])?$/i.test(id)
  if (!isProvisioned && (isProfile || !isProfileOnly(model))) return null
  return { type: 'ValidationException', message: bedrockTexts.onDemand(id) }
}

const unknownModel = { type: 'ValidationException', message: bedrockTexts.unknownModel } as const

function describeUnknown(found: Resolution): BedrockModel {
  if (found.ok) {
    const id = found.model.platforms.bedrock
    return { ok: false, error: unknownModel, hint: id === null ? '' : `Did you mean ${id}?` }
  }
  const error = found.because === 'retired' ? endOfLife : unknownModel
  return { ok: false, error, hint: describeUnresolved(found) }
}

const endOfLife = { type: 'ResourceNotFoundException', message: bedrockTexts.endOfLife } as const

function findLifecycleError(model: Model, day: string): BedrockError | null {
  switch (getLifecycle(model, 'bedrock', day).status) {
    case 'unreleased':
      return unknownModel
    case 'retired':
      return endOfLife
    case 'active':
    case 'deprecated':
    case 'unknown':
      return null
  }
}
