import { invalidBedrockBeta } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { toBedrockError, bedrockTexts } from '@anthology/wire'
import type { BedrockError, ParsedError } from '@anthology/wire'

import { getReachedLimit } from '../cloud/reached-limit.ts'

/**
 * An error of the Messages endpoint as Bedrock tells it. Some have words of their own there ("Troubleshooting Amazon
 * Bedrock API Error Codes", and public issue reports); before the message of an older model stands a sentence.
 */
export function mapBedrockError(
  status: number,
  { type, message }: Pick<ParsedError, 'type' | 'message'>,
  model: Model | null,
): BedrockError {
  const error = toBedrockError({ status, type, message })
  return { ...error, message: getWording(error, model) }
}

function getWording({ type, message }: BedrockError, model: Model | null): string {
  if (type === 'ThrottlingException')
    return getReachedLimit(message) === 'requests' ? bedrockTexts.tooManyRequests : bedrockTexts.tooManyTokens
  if (type === 'ServiceUnavailableException') return bedrockTexts.unavailable
  return type === 'ValidationException' ? wordValidation(message, model) : message
}

function wordValidation(message: string, model: Model | null): string {
  if (/^prompt is too long\b/.test(message)) return bedrockTexts.inputTooLong
  // What the platform itself looks at is not said to come from the model.
  if (message === invalidBedrockBeta || message.startsWith('anthropic_version:')) return message
  const missing = /^(\w+): Field required$/.exec(message)?.[1]
  if (missing !== undefined) return bedrockTexts.missingMember(missing)
  return model && isArnVersioned(model) ? bedrockTexts.ofModel(message) : message
}

/** Older models have a version in their id, such as `-v1:0`. */
function isArnVersioned({ platforms }: Model): boolean {
  return /-v\d+(?::\d+)?$/.test(platforms.bedrock ?? '')
}
