import { isRecord, parseJson, readRecord, readText } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'

/** The `error.type` values with their status, as listed on the page "Errors" of the API reference. */
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
  /** The value of the `request-id` header; null omits the member, as inside a stream. */
  readonly requestId: string | null
  readonly details?: JsonObject | undefined
}

/** The parts found in an upstream's error body, all of them untrusted. */
export interface ParsedError {
  /** `error.type`, or the error name of another protocol; null if the body contains none. */
  readonly type: string | null
  readonly message: string
  readonly errorCode: string | null
  readonly requestId: string | null
}

/** Encodes the body of an error response. */
export function encodeError(parts: ErrorParts): Uint8Array {
  return utf8.encode(JSON.stringify(errorEnvelope(parts)))
}

/** The envelope as an object, which is also the data of an `error` event in a stream. */
export function errorEnvelope({ type, message, requestId, details }: ErrorParts): ErrorEnvelope {
  return {
    type: 'error',
    error: { type, message, ...(details && { details }) },
    ...(requestId !== null && { request_id: requestId }),
  }
}

/** Any other 4xx is an `invalid_request_error`, any other status an `api_error`. */
export function getErrorType(status: number): WireErrorType {
  const known = wireErrors.find((error) => error.status === status)
  if (known) return known.type
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error'
}

/**
 * Parses an upstream's error body to classify the failure; the body itself is passed on unchanged. Accepts
 * the API's envelope, `{"message"}` of AWS, `{"error":{"status"}}` of Google (also inside an array), and
 * OpenAI's envelope, and `{"detail"}` of engines in Python. Any other body, such as a proxy's HTML, becomes the message.
 */
export function parseError(bytes: Uint8Array): ParsedError {
  const text = lenientUtf8.decode(bytes.subarray(0, maxParsedBytes))
  const body = parseJson(text)
  const outer: unknown = Array.isArray(body) ? body.at(0) : body
  const inner = readRecord(outer, 'error')
  const fields = inner ?? (isRecord(outer) ? outer : null)
  if (fields === null) return { type: null, message: clip(text), errorCode: null, requestId: null }

  // AWS sends `{"message"}` or `{"Message"}`; OAuth sends `{"error":"name","error_description"}`.
  const message =
    firstString(fields.message, fields.Message, fields.error_description, fields.error) ?? readDetail(fields)
  // At the top level of the API's envelope, `type` is always "error".
  const type = firstString(inner ? fields.type : fields.__type, fields.status, fields.code)
  return {
    type,
    message: clip(message ?? text),
    errorCode: readText(readRecord(fields, 'details'), 'error_code'),
    requestId: readText(outer, 'request_id'),
  }
}

/**
 * The parts of an upstream's error for a client of another protocol. A body without a message, such as the page
 * of a proxy in between, becomes a sentence.
 */
export function readError(status: number, body: Uint8Array): Pick<ParsedError, 'type' | 'message'> {
  const { type, message } = parseError(body)
  return { type, message: type === null ? toSentence(status, message) : message }
}

/** The message of an error for a person: a page or another body in its place becomes a sentence. */
export function toSentence(status: number, message: string): string {
  return /^\s*[^\s<{[]/.test(message)
    ? message
    : `The upstream answered with status ${status} and no readable error.`
}

/** A longer error body is not parsed as an envelope. */
const maxParsedBytes = 65_536
const maxMessageChars = 4_096

const utf8 = new TextEncoder()
const lenientUtf8 = new TextDecoder()

/** FastAPI's `detail` is a text, or a list of findings ("Handling Errors" of its documentation). */
function readDetail({ detail }: JsonObject): string | null {
  if (!Array.isArray(detail)) return firstString(detail)
  const texts = detail.flatMap((finding) => {
    const text = readText(finding, 'msg')
    const place: unknown = isRecord(finding) ? finding['loc'] : null
    if (text === null) return []
    return Array.isArray(place) ? `${place.join('.')}: ${text}` : text
  })
  return texts.length === 0 ? null : texts.join('; ')
}

function firstString(...values: readonly unknown[]): string | null {
  return values.find((value) => typeof value === 'string') ?? null
}

function clip(text: string): string {
  return text.length > maxMessageChars ? text.slice(0, maxMessageChars) : text
}
