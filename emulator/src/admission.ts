import { apiVersions } from '@anthology/wire'
import type { ApiVersion } from '@anthology/wire'

import type { Refusal } from './reply.ts'

export type Headers = Readonly<Record<string, string>>

/**
 * Reads who calls and in which version, or says why not; texts as users saw them (public issue
 * reports). The key may come in either header, and one valid key is enough: SDKs before 1.0 send
 * `x-api-key`, later ones a bearer token, some proxies both.
 */
export function admit(headers: Headers, keys: ReadonlySet<string> | null): Admission {
  if (keys) {
    const given = [headers['x-api-key'], bearerOf(headers['authorization'])].filter(
      (key) => key !== undefined,
    )
    if (given.length === 0) return refuse(401, 'x-api-key header is required')
    if (!given.some((key) => keys.has(key))) return refuse(401, 'invalid x-api-key')
  }
  const version = headers['anthropic-version']
  if (version === undefined || version === '') return refuse(400, 'anthropic-version: header is required')
  const known = apiVersions.find((candidate) => candidate === version)
  if (!known) return refuse(400, `anthropic-version: "${version.slice(0, 100)}" is not a valid version`)
  return { ok: true, apiVersion: known }
}

export type Admission =
  | { readonly ok: true; readonly apiVersion: ApiVersion }
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
