import { isRecord, parseJson, readRecord, readText } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'

/**
 * The `error.type` of the API by the status it comes with, as the page "Errors"
 * of the API reference lists them.
 */
export const wireErrors = [
  { status: 400, type: 'invalid_request_error' },
  { status: 401, type: 'authentication_error' },
  { status: 402, type: 'billing_error' },
  { status: 403, type: 'permission_error' },
  { status: 404, type: 'not_found_error' },
  { status: 409, type: 'conflict_error' },
  { status: 413, type: 'request_too_large' },
  { status: 429, type: 'rate_limit_error' },
  { status: 500, type: 'api_error' },
  { status: 504, type: 'timeout_error' },
  { status: 529, type: 'overloaded_error' },
] as const

export type WireErrorType = (typeof wireErrors)[number]['type']

export interface ErrorEnvelope {
  readonly type: 'error'
  readonly error: {
    readonly type: WireErrorType
    readonly message: string
    readonly details?: JsonObject
  }
  readonly request_id?: string
}

export interface ErrorParts {
  readonly type: WireErrorType
  readonly message: string
  /** The value of the `request-id` header; null leaves the member out, as inside a stream. */
  readonly requestId: string | null
  readonly details?: JsonObject | undefined
}

/** What could be made out of an upstream's error body; nothing of it is safe to trust. */
export interface ParsedError {
  /** `error.type`, or the name that another protocol gives its error; null when the body names none. */
  readonly type: string | null
  readonly message: string
  readonly errorCode: string | null
  readonly requestId: string | null
}

/** Encodes the body of an error answer. */
export function encodeError(parts: ErrorParts): Uint8Array {
  return utf8.encode(JSON.stringify(errorEnvelope(parts)))
}

/** The envelope as an object, which is also the data of a stream's `error` event. */
export function errorEnvelope({ type, message, requestId, details }: ErrorParts): ErrorEnvelope {
  return {
    type: 'error',
    error: { type, message, ...(details && { details }) },
    ...(requestId !== null && { request_id: requestId }),
  }
}

/** Any other 4xx is an `invalid_request_error`, whatever is left an `api_error`. */
export function getErrorType(status: number): WireErrorType {
  const known = wireErrors.find((error) => error.status === status)
  if (known) return known.type
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error'
}

/**
 * Reads an upstream's error body so that the failure can be classified; the body
 * itself is passed on as it came. Takes the envelope of the API, the
 * `{"message"}` of AWS, the `{"error":{"status"}}` of Google (also inside an
 * array) and OpenAI's; whatever else, such as a proxy's HTML, is a message.
 */
export function parseError(bytes: Uint8Array): ParsedError {
  const text = lenientUtf8.decode(bytes.subarray(0, maxParsedBytes))
  const body = parseJson(text)
  const outer: unknown = Array.isArray(body) ? body.at(0) : body
  const inner = readRecord(outer, 'error')
  const fields = inner ?? (isRecord(outer) ? outer : null)
  if (fields === null) return { type: null, message: clip(text), errorCode: null, requestId: null }

  // AWS writes `{"message"}` or `{"Message"}`; OAuth writes `{"error":"name","error_description"}`.
  const message = firstString(fields.message, fields.Message, fields.error_description, fields.error)
  // At the top level of the API's envelope `type` only says "error".
  const type = firstString(inner ? fields.type : fields.__type, fields.status, fields.code)
  return {
    type,
    message: clip(message ?? text),
    errorCode: readText(readRecord(fields, 'details'), 'error_code'),
    requestId: readText(outer, 'request_id'),
  }
}

/** An error body that is longer is no envelope. */
const maxParsedBytes = 65_536
const maxMessageChars = 4_096

const utf8 = new TextEncoder()
const lenientUtf8 = new TextDecoder()

function firstString(...values: readonly unknown[]): string | null {
  return values.find((value) => typeof value === 'string') ?? null
}

function clip(text: string): string {
  return text.length > maxMessageChars ? text.slice(0, maxMessageChars) : text
}
