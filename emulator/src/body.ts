import type { Refusal } from './reply.ts'

/** The service's limit for the Messages endpoints (docs.claude.com, api/errors, Nov 2025). */
export const largestBodyBytes = 32 * 1024 * 1024

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly refusal: Refusal }

/** Reads a JSON body. That a member stands in it twice is not noticed: the last one counts. */
export function parseBody(
  body: Uint8Array | null,
  contentType: string | undefined,
  limitBytes = largestBodyBytes,
): Body {
  if (body && body.length > limitBytes) return refuse(413, 'Request exceeds the maximum size')
  if (contentType !== undefined && !jsonType.test(contentType.trim()))
    return refuse(400, 'content-type: must be application/json')
  try {
    return { ok: true, value: JSON.parse(utf8.decode(body ?? new Uint8Array())) }
  } catch {
    return refuse(400, 'The request body is not valid JSON.')
  }
}

const jsonType = /^application\/(?:[\w.-]+\+)?json\b/i
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function refuse(status: number, message: string): Body {
  return { ok: false, refusal: { status, message } }
}
