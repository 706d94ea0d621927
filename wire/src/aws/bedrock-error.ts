import { getErrorType, parseError } from '../messages/error-envelope.ts'
import type { WireErrorType } from '../messages/error-envelope.ts'

export interface BedrockErrorKind {
  readonly status: number
  /** Whether AWS's own clients send the same request again. */
  readonly retry: boolean
  /** What the Claude API calls it, with the status that it uses there. */
  readonly wireType: WireErrorType
  readonly wireStatus: number
}

/**
 * The exceptions of Bedrock's runtime, from "InvokeModel" of the Amazon Bedrock API reference and from "Common errors",
 * which all services of AWS share. Inferred from other services: the names of IncompleteSignatureException and
 * MissingAuthenticationTokenException, and that a body that does not fit the model of Converse is a SerializationException.
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

/** A refusal in AWS's words; the two further members belong to ModelErrorException. */
export interface BedrockError {
  readonly type: BedrockErrorType
  readonly message: string
  readonly originalStatusCode?: number
  readonly resourceName?: string
}

/** What a Bedrock error means, for whoever goes on with it. */
export interface ParsedBedrockError {
  /** The exception's name without namespace and address; null where the answer names none. */
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
 * The exception that stands for an error of the Claude API or the gateway. The message stays: clients match its words,
 * `prompt is too long` among them. A spent budget becomes the one exception about quotas that AWS's clients do not retry.
 */
export function toBedrockError(error: {
  readonly status: number
  readonly type: string | null
  readonly message: string
}): BedrockError {
  return { type: exceptionFor(error.status, error.type), message: error.message }
}

/** Encodes an error answer; every client of AWS finds the exception's name in the header. */
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

/** Reads an error answer of Bedrock. The name is looked for where AWS's clients do: in the header, then in the body. */
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

/** The exception's name as streams write it: `throttlingException`. */
export function exceptionMember(type: BedrockErrorType): string {
  return type.slice(0, 1).toLowerCase() + type.slice(1)
}

/** The exception of a name that a stream wrote. */
export function getMemberException(member: string): string {
  return member.slice(0, 1).toUpperCase() + member.slice(1)
}

/** The exceptions that the stream of InvokeModelWithResponseStream can carry. */
const streamExceptions: ReadonlySet<BedrockErrorType> = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ValidationException',
  'ThrottlingException',
  'ModelTimeoutException',
  'ServiceUnavailableException',
])

/** The same refusal inside a stream; what has no name there is a ValidationException where the client is at fault. */
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

/** By the type where the Claude API has one, for one status has several. */
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

/** By the status for an `api_error`, which says no more, and for types that nobody knows yet. */
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
  // A client that was too slow with its request is told so by an `invalid_request_error`.
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

/** AWS's clients cut at the first colon and take what follows the last `#`. */
function bareName(named: string): string {
  const name = named.split(':')[0] ?? ''
  return name.slice(name.lastIndexOf('#') + 1).trim()
}
