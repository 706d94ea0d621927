import { apiVersions } from '@anthology/wire'
import type { ApiVersion } from '@anthology/wire'

import type { Refusal } from '../http/reply.ts'

export type Headers = Readonly<Record<string, string>>

/**
 * Reads who calls and in which version, or says why not; texts as users saw them (public issue
 * reports). The key may come in either header, and one valid key is enough: SDKs before 1.0 send
 * `x-api-key`, later ones a bearer token, some proxies both.
 */
export function admit(headers: Headers, keys: ReadonlySet<string> | null): Admission {
  const given = [headers['x-api-key'], bearerOf(headers['authorization'])].filter((key) => key !== undefined)
  if (keys) {
    if (given.length === 0) return refuse(401, 'x-api-key header is required')
    if (!given.some((key) => keys.has(key))) return refuse(401, 'invalid x-api-key')
  }
  const version = headers['anthropic-version']
  if (version === undefined || version === '') return refuse(400, 'anthropic-version: header is required')
  const known = apiVersions.find((candidate) => candidate === version)
  if (!known) return refuse(400, `anthropic-version: "${version.slice(0, 100)}" is not a valid version`)
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') return refuseEncoding(encoding)
  return { ok: true, apiVersion: known, key: given.find((key) => keys?.has(key)) ?? given[0] ?? null }
}

export type Admission =
  | {
      readonly ok: true
      readonly apiVersion: ApiVersion
      /** The key that was let in; null: the caller sent none. */
      readonly key: string | null
    }
  | { readonly ok: false; readonly refusal: Refusal }

/** The betas of a request, from a header that lists several and may have been sent several times. */
export function readBetas(headers: Headers): readonly string[] {
  const values = (headers['anthropic-beta'] ?? '').split(',').map((value) => value.trim())
  return values.filter((value) => value !== '')
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim()
}

function refuse(status: number, message: string): Admission {
  return { ok: false, refusal: { status, message } }
}

/** Bodies are read as they are. The code is of the error classes of SDK 1.12, the text inferred. */
function refuseEncoding(encoding: string): Admission {
  const message = `content-encoding: "${encoding.slice(0, 100)}" is not supported for request bodies`
  return { ok: false, refusal: { status: 400, message, errorCode: 'request_body_encoding_unsupported' } }
}
