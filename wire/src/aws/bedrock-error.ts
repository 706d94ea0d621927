import { getErrorType, parseError } from '../messages/error-envelope.ts'
import type { WireErrorType } from '../messages/error-envelope.ts'

export interface BedrockErrorKind {
  readonly status: number
  /** True if AWS's own clients retry the request. */
  readonly retry: boolean
  /** The Claude API's `error.type` and status for the same error. */
  readonly wireType: WireErrorType
  readonly wireStatus: number
}

/**
 * The exceptions of Bedrock's runtime, from "InvokeModel" of the Amazon Bedrock API reference and from
 * "Common errors", which all AWS services share. Inferred from other services: the names of
 * IncompleteSignatureException and MissingAuthenticationTokenException, and that a body that does not match
 * the Converse model causes a SerializationException.
 */
export const bedrockErrors = {
  ValidationException: row(400, false, 'invalid_request_error', 400),
  SerializationException: row(400, false, 'invalid_request_error', 400),
  ServiceQuotaExceededException: row(400, false, 'billing_error', 402),
  AccessDeniedException: row(403, false, 'permission_error', 403),
  UnrecognizedClientException: row(403, false, 'authentication_error', 401),
  InvalidSignatureException: row(403, false, 'authentication_error', 401),
  ExpiredTokenException: row(403, false, 'authentication_error', 401),
  IncompleteSignatureException: row(403, false, 'authentication_error', 401),
  MissingAuthenticationTokenException: row(403, false, 'authentication_error', 401),
  ResourceNotFoundException: row(404, false, 'not_found_error', 404),
  UnknownOperationException: row(404, false, 'not_found_error', 404),
  RequestTimeoutException: row(408, true, 'timeout_error', 504),
  ModelTimeoutException: row(408, false, 'timeout_error', 504),
  ModelErrorException: row(424, false, 'api_error', 500),
  ModelStreamErrorException: row(424, false, 'api_error', 500),
  ThrottlingException: row(429, true, 'rate_limit_error', 429),
  ModelNotReadyException: row(429, true, 'overloaded_error', 529),
  InternalServerException: row(500, true, 'api_error', 500),
  ServiceUnavailableException: row(503, true, 'overloaded_error', 529),
} as const satisfies Record<string, BedrockErrorKind>

export type BedrockErrorType = keyof typeof bedrockErrors

/** An error in AWS's form; the two optional members belong to ModelErrorException. */
export interface BedrockError {
  readonly type: BedrockErrorType
  readonly message: string
  readonly originalStatusCode?: number
  readonly resourceName?: string
}

/** A Bedrock error with its equivalent in the Claude API. */
export interface ParsedBedrockError {
  /** The exception's name without namespace and URL; null if the response names none. */
  readonly type: string | null
  readonly message: string
  readonly wireStatus: number
  readonly wireType: WireErrorType
}

export interface EncodedError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Maps an error of the Claude API or the gateway to an exception. The message is kept, because clients match
 * on it, such as `prompt is too long`. An exhausted budget becomes the only quota exception that AWS clients
 * do not retry.
 */
export function toBedrockError(error: {
  readonly status: number
  readonly type: string | null
  readonly message: string
}): BedrockError {
  return { type: exceptionFor(error.status, error.type), message: error.message }
}

/** Encodes an error response; every AWS client finds the exception's name in the header. */
export function encodeBedrockError(error: BedrockError, requestId: string): EncodedError {
  const { type, ...members } = error
  return {
    status: bedrockErrors[type].status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    },
    body: utf8.encode(JSON.stringify(members)),
  }
}

/**
 * Parses an error response of Bedrock. Like AWS clients, it looks for the name in the header first, then in
 * the body.
 */
export function parseBedrockError(answer: {
  readonly status: number
  /** The header `x-amzn-errortype`. */
  readonly errorType: string | undefined
  readonly body: Uint8Array
}): ParsedBedrockError {
  const parsed = parseError(answer.body)
  const named = answer.errorType ?? parsed.type
  const type = named === null ? null : bareName(named)
  const kind =
    type !== null && isBedrockErrorType(type) ? bedrockErrors[type] : findKindByStatus(answer.status)
  return { type, message: parsed.message, wireStatus: kind.wireStatus, wireType: kind.wireType }
}

export function isBedrockErrorType(name: string): name is BedrockErrorType {
  return Object.hasOwn(bedrockErrors, name)
}

/** The exception's name in a stream: `throttlingException`. */
export function exceptionMember(type: BedrockErrorType): string {
  return type.slice(0, 1).toLowerCase() + type.slice(1)
}

/** The exception's name for the name in a stream. */
export function getMemberException(member: string): string {
  return member.slice(0, 1).toUpperCase() + member.slice(1)
}

/** The exceptions that may occur in the stream of InvokeModelWithResponseStream. */
const streamExceptions: ReadonlySet<BedrockErrorType> = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ValidationException',
  'ThrottlingException',
  'ModelTimeoutException',
  'ServiceUnavailableException',
])

/**
 * Maps an error to one that a stream may contain; client errors without an equivalent become a
 * ValidationException.
 */
export function inStream(error: BedrockError): BedrockError {
  if (streamExceptions.has(error.type)) return error
  const { status } = bedrockErrors[error.type]
  const type = status === 424 ? 'ModelStreamErrorException' : 'ValidationException'
  return { ...error, type: status === 429 ? 'ThrottlingException' : type }
}

const utf8 = new TextEncoder()

function row(status: number, retry: boolean, wireType: WireErrorType, wireStatus: number): BedrockErrorKind {
  return { status, retry, wireType, wireStatus }
}

/** Exceptions by error type, which is checked first because several types share a status. */
const exceptionByType: Readonly<Record<string, BedrockErrorType>> = {
  invalid_request_error: 'ValidationException',
  authentication_error: 'UnrecognizedClientException',
  billing_error: 'ServiceQuotaExceededException',
  permission_error: 'AccessDeniedException',
  not_found_error: 'ResourceNotFoundException',
  conflict_error: 'ValidationException',
  request_too_large: 'ValidationException',
  rate_limit_error: 'ThrottlingException',
  timeout_error: 'ModelTimeoutException',
  overloaded_error: 'ServiceUnavailableException',
} satisfies Partial<Record<WireErrorType, BedrockErrorType>>

/** Exceptions by status, for an `api_error`, which is not specific, and for unknown types. */
const exceptionByStatus: Readonly<Record<number, BedrockErrorType>> = {
  401: 'UnrecognizedClientException',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'RequestTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
  529: 'ServiceUnavailableException',
}

function exceptionFor(status: number, type: string | null): BedrockErrorType {
  const byType = type === null ? undefined : lookUp(exceptionByType, type)
  // A request that was sent too slowly is an `invalid_request_error` with status 408, so the status decides.
  if (byType !== undefined && status !== 408) return byType
  const byStatus = exceptionByStatus[status]
  if (byStatus !== undefined) return byStatus
  return status >= 400 && status < 500 ? 'ValidationException' : 'InternalServerException'
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function findKindByStatus(status: number): { readonly wireStatus: number; readonly wireType: WireErrorType } {
  if (status === 503) return bedrockErrors.ServiceUnavailableException
  if (status === 408) return bedrockErrors.ModelTimeoutException
  if (status === 424) return bedrockErrors.ModelErrorException
  return { wireStatus: status, wireType: getErrorType(status) }
}

/** AWS clients cut the name at the first colon and use the part after the last `#`. */
function bareName(named: string): string {
  const name = named.split(':')[0] ?? ''
  return name.slice(name.lastIndexOf('#') + 1).trim()
}
