import { invalidBedrockBeta } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { toBedrockError, bedrockTexts } from '@anthology/wire'
import type { BedrockError, ParsedError } from '@anthology/wire'

import { describeInvalidJson, findEscapeProblem } from '../../http/body.ts'
import { getReachedLimit } from '../cloud/reached-limit.ts'

/**
 * Maps a Messages error to Bedrock's. Some have their own texts ("Troubleshooting Amazon Bedrock API Error Codes", and
 * public issue reports); errors of older models have an introductory sentence.
 */
export function mapBedrockError(
  status: number,
  { type, message }: Pick<ParsedError, 'type' | 'message'>,
  model: Model | null,
): BedrockError {
  const error = toBedrockError({ status, type, message })
  return { ...error, message: getBedrockText(error, model) }
}

/** The error for an escape of half a surrogate pair in a body that is translated; how Bedrock describes it is inferred. */
export function findEscapeError(body: Uint8Array | null): BedrockError | null {
  const reason = findEscapeProblem(body)
  return reason === null ? null : { type: 'SerializationException', message: describeInvalidJson(reason) }
}

function getBedrockText({ type, message }: BedrockError, model: Model | null): string {
  if (type === 'ThrottlingException')
    return getReachedLimit(message) === 'requests' ? bedrockTexts.tooManyRequests : bedrockTexts.tooManyTokens
  if (type === 'ServiceUnavailableException') return bedrockTexts.unavailable
  return type === 'ValidationException' ? getValidationText(message, model) : message
}

function getValidationText(message: string, model: Model | null): string {
  if (/^prompt is too long\b/.test(message)) return bedrockTexts.inputTooLong
  // Errors of the platform itself do not have the model's introductory sentence.
  if (message === invalidBedrockBeta || message.startsWith('anthropic_version:')) return message
  const missing = /^(\w+): Field required$/.exec(message)?.[1]
  if (missing !== undefined) return bedrockTexts.missingMember(missing)
  return model && isArnVersioned(model) ? bedrockTexts.ofModel(message) : message
}

/** The ids of older models include a version, such as `-v1:0`. */
function isArnVersioned({ platforms }: Model): boolean {
  return /-v\d+(?::\d+)?$/.test(platforms.bedrock ?? '')
}
