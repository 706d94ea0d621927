import { parseApiVersion, readBearer } from '@anthology/wire'
import type { ApiVersion } from '@anthology/wire'

import type { ApiError } from '../http/reply.ts'

export type Headers = Readonly<Record<string, string>>

/**
 * Authenticates a request and reads its API version. The error texts are from public issue reports. The key may be in
 * either header, and one valid key is enough: SDKs before 1.0 send `x-api-key`, later ones a bearer token, some proxies
 * both.
 */
export function authenticate(headers: Headers, keys: ReadonlySet<string> | null): Authentication {
  const given = [headers['x-api-key'], readBearer(headers['authorization'])].filter(
    (key) => typeof key === 'string',
  )
  if (keys) {
    if (given.length === 0) return reject(401, 'x-api-key header is required')
    if (!given.some((key) => keys.has(key))) return reject(401, 'invalid x-api-key')
  }
  const version = parseApiVersion(headers['anthropic-version'])
  if (!version.ok) return reject(400, version.message)
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') return rejectEncoding(encoding)
  return {
    ok: true,
    apiVersion: version.apiVersion,
    key: given.find((key) => keys?.has(key)) ?? given[0] ?? null,
  }
}

export type Authentication =
  | {
      readonly ok: true
      readonly apiVersion: ApiVersion
      /** The accepted key; null: the request had none. */
      readonly key: string | null
    }
  | { readonly ok: false; readonly error: ApiError }

function reject(status: number, message: string): Authentication {
  return { ok: false, error: { status, message } }
}

/** Encoded bodies are not decoded. The code is from the error classes of SDK 1.12, the text is inferred. */
function rejectEncoding(encoding: string): Authentication {
  const message = `content-encoding: "${encoding.slice(0, 100)}" is not supported for request bodies`
  return { ok: false, error: { status: 400, message, errorCode: 'request_body_encoding_unsupported' } }
}
