import type { EncodedError } from '../aws/bedrock-error.ts'
import { getErrorType, parseError, wireErrors } from '../messages/error-envelope.ts'
import type { WireErrorType } from '../messages/error-envelope.ts'
import { parseJson, readRecord, readText } from '../body/json-value.ts'

export interface GoogleErrorKind {
  readonly status: number
  /** The Claude API's `error.type` and status for the same error. */
  readonly wireType: WireErrorType
  readonly wireStatus: number
}

/** The google.rpc.Code values of a failed model call, from the "Errors" guide of Google's API design. */
export const googleErrors = {
  INVALID_ARGUMENT: row(400, 'invalid_request_error', 400),
  FAILED_PRECONDITION: row(400, 'invalid_request_error', 400),
  OUT_OF_RANGE: row(400, 'invalid_request_error', 400),
  UNAUTHENTICATED: row(401, 'authentication_error', 401),
  PERMISSION_DENIED: row(403, 'permission_error', 403),
  NOT_FOUND: row(404, 'not_found_error', 404),
  ALREADY_EXISTS: row(409, 'conflict_error', 409),
  ABORTED: row(409, 'conflict_error', 409),
  RESOURCE_EXHAUSTED: row(429, 'rate_limit_error', 429),
  CANCELLED: row(499, 'invalid_request_error', 400),
  INTERNAL: row(500, 'api_error', 500),
  UNKNOWN: row(500, 'api_error', 500),
  UNIMPLEMENTED: row(501, 'api_error', 500),
  UNAVAILABLE: row(503, 'overloaded_error', 529),
  DEADLINE_EXCEEDED: row(504, 'timeout_error', 504),
} as const satisfies Record<string, GoogleErrorKind>

export type GoogleErrorStatus = keyof typeof googleErrors

export interface GoogleError {
  readonly status: GoogleErrorStatus
  readonly message: string
  /** A machine-readable reason, such as `ACCESS_TOKEN_EXPIRED`, in a detail of type ErrorInfo. */
  readonly reason?: string
}

export interface ParsedGoogleError {
  /** The status, or the `error.type` of a model's own error; null if the body names none. */
  readonly type: string | null
  readonly message: string
  readonly reason: string | null
  readonly requestId: string | null
  readonly wireStatus: number
  readonly wireType: WireErrorType
}

/** Maps an error of the Claude API or the gateway to one of the platform; the message is kept. */
export function toGoogleError(error: {
  readonly status: number
  readonly type: string | null
  readonly message: string
}): GoogleError {
  return { status: stateFor(error.status, error.type), message: error.message }
}

/** Encodes a platform error; `streamRawPredict` often wraps the object in an array of one. */
export function encodeGoogleError(
  { status, message, reason }: GoogleError,
  { stream = false }: { readonly stream?: boolean } = {},
): EncodedError {
  const code = googleErrors[status].status
  const details = reason === undefined ? {} : { details: [{ '@type': errorInfo, reason, domain, metadata }] }
  const body = { error: { code, message, status, ...details } }
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: utf8.encode(JSON.stringify(stream ? [body] : body, null, 2)),
  }
}

/** Parses an error of the platform, in an array or not, or of the model, which uses the Claude API's envelope. */
export function parseGoogleError(status: number, body: Uint8Array): ParsedGoogleError {
  const parsed = parseError(body)
  const { type, requestId } = parsed
  const kind = getKind(status, type)
  // Claude Code compacts the conversation on exactly this sentence.
  const message = isTooLarge(status, parsed.message) ? inputTooLong : parsed.message
  return {
    type,
    message,
    reason: getReason(body),
    requestId,
    wireStatus: kind.wireStatus,
    wireType: kind.wireType,
  }
}

/** The sentence that Claude Code recovers from ("LLM gateway configuration" of the Claude Code docs). */
export const inputTooLong = 'Input is too long.'

/** The texts that clients see, from responses quoted in public issues; those about credentials are inferred. */
export const googleTexts = {
  missingCredentials:
    'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  badCredentials:
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  unknownModel: (resource: string) =>
    `Publisher Model \`${resource}\` was not found or your project does not have access to it. Please ensure you are using a valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions`,
  quotaExceeded: (metric: string, model: string) =>
    `Quota exceeded for aiplatform.googleapis.com/${metric} with base model: ${model}. Please submit a quota increase request. https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.`,
} as const

const errorInfo = 'type.googleapis.com/google.rpc.ErrorInfo'
const domain = 'googleapis.com'
const metadata = { service: 'aiplatform.googleapis.com' }

const utf8 = new TextEncoder()
const text = new TextDecoder()

function row(status: number, wireType: WireErrorType, wireStatus: number): GoogleErrorKind {
  return { status, wireType, wireStatus }
}

const stateByType: Readonly<Record<string, GoogleErrorStatus>> = {
  invalid_request_error: 'INVALID_ARGUMENT',
  authentication_error: 'UNAUTHENTICATED',
  billing_error: 'RESOURCE_EXHAUSTED',
  permission_error: 'PERMISSION_DENIED',
  not_found_error: 'NOT_FOUND',
  conflict_error: 'ABORTED',
  request_too_large: 'INVALID_ARGUMENT',
  rate_limit_error: 'RESOURCE_EXHAUSTED',
  timeout_error: 'DEADLINE_EXCEEDED',
  overloaded_error: 'UNAVAILABLE',
} satisfies Partial<Record<WireErrorType, GoogleErrorStatus>>

/** States by status, for an `api_error`, which is not specific, and for unknown types. */
const stateByStatus: Readonly<Record<number, GoogleErrorStatus>> = {
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE',
}

function stateFor(status: number, type: string | null): GoogleErrorStatus {
  const byType = type !== null && Object.hasOwn(stateByType, type) ? stateByType[type] : undefined
  // A request that was sent too slowly is an `invalid_request_error` with status 408, so the status decides.
  if (byType !== undefined && status !== 408) return byType
  return stateByStatus[status] ?? (status >= 400 && status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL')
}

function getKind(status: number, type: string | null): Omit<GoogleErrorKind, 'status'> {
  if (type !== null && isGoogleErrorStatus(type)) return googleErrors[type]
  const own = wireErrors.find((error) => error.type === type)
  if (own !== undefined) return { wireType: own.type, wireStatus: own.status }
  if (status === 503) return googleErrors.UNAVAILABLE
  return { wireType: getErrorType(status), wireStatus: status }
}

function isGoogleErrorStatus(name: string): name is GoogleErrorStatus {
  return Object.hasOwn(googleErrors, name)
}

function isTooLarge(status: number, message: string): boolean {
  return (
    status === 413 || (status === 400 && /^The (?:request|message) size \(\d+ bytes\) exceeds /.test(message))
  )
}

function getReason(body: Uint8Array): string | null {
  const parsed = parseJson(text.decode(body))
  const outer: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  const details = readRecord(outer, 'error')?.['details']
  if (!Array.isArray(details)) return null
  return readText(
    details.find((detail) => readText(detail, '@type') === errorInfo),
    'reason',
  )
}
