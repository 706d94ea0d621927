import { bodyTooLargeText, maxBodyBytes } from '@anthology/catalog'
import { findExceededBound, parsedBodyBounds } from '@anthology/wire'

import type { ApiError } from './reply.ts'

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ApiError }

/** Reads a JSON body. A repeated member is not detected: the last one wins. */
export function parseBody(
  body: Uint8Array | null,
  contentType: string | undefined,
  limitBytes = maxBodyBytes,
): Body {
  const error = findBodyError(body, contentType, limitBytes)
  if (error !== null) return { ok: false, error }
  // A batch has many bodies, so only its depth is bounded.
  const bounds = limitBytes > maxBodyBytes ? { ...parsedBodyBounds, maxValues: Infinity } : parsedBodyBounds
  const exceeded = body && findExceededBound(body, bounds)
  if (exceeded)
    return { ok: false, error: { status: 400, message: `The request body cannot be read: ${exceeded}` } }
  try {
    return { ok: true, value: JSON.parse(body ? utf8.decode(body) : '') }
  } catch {
    return { ok: false, error: { status: 400, message: 'The request body is not valid JSON.' } }
  }
}

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
