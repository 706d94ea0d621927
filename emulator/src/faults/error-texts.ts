import { bedrockTexts, getErrorType, googleTexts, toBedrockError, vertexResource } from '@anthology/wire'
import type { BedrockErrorType, VertexPath, WireErrorType } from '@anthology/wire'

import type { Fault } from '../scenario/scenario.ts'

export type RateLimit = Exclude<NonNullable<Fault['rate_limit']>, true>

/** The text of the Claude API (docs.claude.com, api/errors; public issue reports; the others are inferred). */
export function getClaudeText(status: number, type: string | null): string {
  return texts[type !== null && isClaudeType(type) ? type : getErrorType(status)]
}

export function isClaudeType(type: string): type is WireErrorType {
  return Object.hasOwn(texts, type)
}

const texts: Readonly<Record<WireErrorType, string>> = {
  invalid_request_error: 'Invalid request',
  authentication_error: 'invalid x-api-key',
  billing_error: 'Your credit balance is too low to access the Anthropic API.',
  permission_error: 'Your API key does not have permission to use the specified resource.',
  not_found_error: 'Not Found',
  conflict_error: 'Conflict',
  request_too_large: 'Request exceeds the maximum size',
  rate_limit_error: "This request would exceed your account's rate limit. Please try again later.",
  api_error: 'Internal server error',
  timeout_error: 'Request timed out',
  overloaded_error: 'Overloaded',
}

/** The text of an exception of Bedrock; those without a known text are inferred. */
export function getBedrockText(exception: BedrockErrorType, limit: RateLimit | null = null): string {
  if (exception === 'ThrottlingException' && limit !== null && limit !== 'requests')
    return bedrockTexts.tooManyTokens
  return exceptionTexts[exception] ?? 'The request cannot be processed.'
}

const exceptionTexts: Partial<Readonly<Record<BedrockErrorType, string>>> = {
  ValidationException: 'Malformed input request, please reformat your input and try again.',
  AccessDeniedException: "You don't have access to the model with the specified model ID.",
  UnrecognizedClientException: bedrockTexts.unknownClient,
  ResourceNotFoundException: bedrockTexts.unknownModel,
  ModelTimeoutException: 'Model has timed out in processing the request. Try your request again.',
  ModelErrorException: 'The model returned an error. Try your request again.',
  ModelStreamErrorException: 'The model returned an error. Try your request again.',
  ThrottlingException: bedrockTexts.tooManyRequests,
  ModelNotReadyException: 'The model is not ready for inference. Try your request again.',
  InternalServerException:
    'The system encountered an unexpected error during processing. Try your request again.',
  ServiceUnavailableException: bedrockTexts.unavailable,
}

/** The text of an exception in a stream, for a type of the Claude API or a name of Bedrock. */
export function getStreamExceptionText(type: string, exception: BedrockErrorType | null): string {
  return getBedrockText(exception ?? toBedrockError({ status: 500, type, message: '' }).type)
}

/** The text of Google Cloud itself; the one for 429 is for shared capacity (public issue reports). */
export function getGoogleText(status: number, path: VertexPath, type: string | null = null): string {
  const resource = vertexResource(path, path.model ?? '')
  switch (status) {
    case 401:
      return googleTexts.badCredentials
    case 403:
      return `Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/${resource}' (or it may not exist).`
    case 404:
      return googleTexts.unknownModel(resource)
    case 429:
      return 'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.'
    default:
      return getClaudeText(status, type)
  }
}
