import { findExceededBound, isRecord, parseJson, parsedBodyBounds } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'
import { isSecretMember, isSecretName } from '../../redaction/secrets.ts'
import { listHiddenValues } from '../requests/endpoint.ts'

type Headers = Readonly<Record<string, string>>

/** Lists the credentials that a request carries in its headers, its query, and members of its body. */
export function listRequestSecrets({
  headers,
  path,
  body,
}: Pick<EmulatorRequest, 'headers' | 'path' | 'body'>): readonly string[] {
  const inHeaders = Object.entries(headers).flatMap(([name, value]) =>
    isSecretName(name) ? listValues(name, value) : [],
  )
  return [...inHeaders, ...listHiddenValues(path), ...listBodySecrets(body)]
}

/** Lists the texts of members such as the `authorization_token` of an MCP server, which have no form of their own. */
export function listBodySecrets(body: Uint8Array | null): readonly string[] {
  if (body === null || findExceededBound(body, parsedBodyBounds)) return []
  const found = new Set<string>()
  const pending: unknown[] = [parseJson(new TextDecoder().decode(body))]
  while (pending.length > 0 && found.size < maxBodySecrets) {
    const value = pending.pop()
    if (!isRecord(value) && !Array.isArray(value)) continue
    for (const [name, member] of Object.entries(value))
      if (typeof member === 'string' && isSecretMember(name)) found.add(member)
      else pending.push(member)
  }
  return [...found]
}

/** Each text of an exchange is searched for each secret. */
const maxBodySecrets = 100

/** Lists the values of a response that identify the account: cookies and organization ids. */
export function listResponseSecrets(headers: Headers): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name === 'set-cookie' || /organization/.test(name) ? listValues(name, value) : [],
  )
}

function listValues(name: string, value: string): readonly string[] {
  if (/cookie/.test(name)) return listCookies(value)
  const [scheme = '', ...rest] = value.trim().split(/\s+/)
  if (rest.length === 0) return [value]
  const credential = rest.join(' ')
  if (scheme.toLowerCase() === 'basic') return [credential, ...decodePassword(credential)]
  // Key id, date and region stand in the credential of a signature too; only the signature is secret by its value.
  if (scheme.startsWith('AWS4-')) return [/Signature=([0-9a-f]+)/.exec(credential)?.[1] ?? credential]
  return [credential]
}

function listCookies(value: string): readonly string[] {
  return value.split(/[;,]/).flatMap((part) => {
    const [, cookie = ''] = /=(.*)/s.exec(part) ?? []
    return cookieAttribute.test(part) ? [] : cookie
  })
}

/** Attributes of `set-cookie` (RFC 6265, 4.1). */
const cookieAttribute = /^\s*(?:expires|max-age|domain|path|samesite)=/i

function decodePassword(credential: string): readonly string[] {
  try {
    const [, password = ''] = /:(.*)/s.exec(atob(credential)) ?? []
    return [password]
  } catch {
    return []
  }
}
