import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { readSmithyShape } from './smithy-shape.ts'
import type { ConverseProblem } from './problem.ts'
import { countTokensRequest } from './service-model.ts'
import type { CountTokensRequest } from './request.ts'
import { checkTools, commonToMessages, mergeAdditional } from './to-messages.ts'
import { beginTranslation } from './translation.ts'

export type TranslatedCount =
  | {
      readonly ok: true
      /** A body for `count_tokens` of the Messages API, not yet validated. */
      readonly body: JsonObject
      readonly betas: readonly string[]
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly problem: ConverseProblem }

/**
 * Translates the member `input.converse` in the body of Bedrock's CountTokens (API_runtime_CountTokens of the
 * API reference).
 */
export function translateCountTokens(
  converse: unknown,
  { model }: { readonly model: string },
): TranslatedCount {
  const reading = readSmithyShape({ input: { converse } }, countTokensRequest)
  if (!reading.ok) return reading
  if (!isRequest(reading.value)) throw new TypeError('a request that was read is an object')
  const request = reading.value.input.converse
  const translation = beginTranslation(reading.notices)
  const own = commonToMessages(translation, request)
  const { merged, betas } = mergeAdditional(translation, own, request.additionalModelRequestFields ?? {})
  checkTools(translation, request, merged)
  if (translation.problem) return { ok: false, problem: translation.problem }
  return { ok: true, body: { model, ...merged }, betas, notices: translation.notices }
}

/** Narrows a body that `readSmithyShape` has read. */
function isRequest(value: unknown): value is CountTokensRequest {
  return isRecord(value)
}
