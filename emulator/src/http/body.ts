import { bodyTooLargeText, maxBodyBytes } from '@anthology/catalog'
import { findExceededBound, findLoneSurrogate } from '@anthology/wire'

import type { ApiError } from './reply.ts'
import type { Steps } from '../steps.ts'

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ApiError }

/** Reads a JSON body. A repeated member is not detected: the last one wins. */
export function* parseBody(body: Uint8Array | null, contentType: string | undefined): Steps<Body> {
  const error = findBodyError(body, contentType, maxBodyBytes)
  if (error !== null) return { ok: false, error }
  const exceeded = body && findExceededBound(body)
  if (exceeded) return reject(400, `The request body cannot be read: ${exceeded}`)
  yield
  return parseText(body ?? new Uint8Array())
}

/** Parses JSON text, and rejects what the API's parser rejects. */
export function parseText(bytes: Uint8Array): Body {
  const text = decode(bytes)
  if (text === null) return reject(400, describeInvalidJson(notUtf8))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return reject(400, 'The request body is not valid JSON.')
  }
  const reason = findLoneSurrogate(text)
  return reason === null ? { ok: true, value } : reject(400, describeInvalidJson(reason))
}

/**
 * Returns the reason why the API's JSON parser rejects a body that `JSON.parse` accepts; null if it accepts it too. A body
 * that is translated is checked before, because the reason names a place in the client's own bytes.
 */
export function findEscapeProblem(body: Uint8Array | null): string | null {
  const text = body ? decode(body) : null
  return text === null ? null : findLoneSurrogate(text)
}

export function describeInvalidJson(reason: string): string {
  return `The request body is not valid JSON: ${reason}`
}

/** Null if the bytes are not UTF-8. */
function decode(body: Uint8Array): string | null {
  try {
    return utf8.decode(body)
  } catch {
    return null
  }
}

/** The reason and the place that public issue reports of 2026 quote. */
const notUtf8 = 'str is not valid UTF-8: surrogates not allowed: line 1 column 1 (char 0)'

const jsonType = /^application\/(?:[\w.-]+\+)?json\b/i
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Checks size and type of a body that is to be JSON. */
export function findBodyError(
  body: Uint8Array | null,
  contentType: string | undefined,
  limitBytes = maxBodyBytes,
): ApiError | null {
  if (body && body.length > limitBytes) return { status: 413, message: bodyTooLargeText }
  const isJson =
    contentType === undefined || contentType === 'application/json' || jsonType.test(contentType.trim())
  return isJson ? null : { status: 400, message: 'content-type: must be application/json' }
}

function reject(status: number, message: string): Body {
  return { ok: false, error: { status, message } }
}
