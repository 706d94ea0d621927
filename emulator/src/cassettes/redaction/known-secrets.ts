import type { EmulatorRequest } from '../../request.ts'
import { listHiddenValues } from '../requests/endpoint.ts'

type Headers = Readonly<Record<string, string>>

/** Lists the credentials that a request carries in its headers and its query. */
export function listRequestSecrets({
  headers,
  path,
}: Pick<EmulatorRequest, 'headers' | 'path'>): readonly string[] {
  const inHeaders = Object.entries(headers).flatMap(([name, value]) =>
    secretHeader.test(name) ? listValues(name, value) : [],
  )
  return [...inHeaders, ...listHiddenValues(path)]
}

/** Lists the values of a response that identify the account: cookies and organization ids. */
export function listResponseSecrets(headers: Headers): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name === 'set-cookie' || /organization/.test(name) ? listValues(name, value) : [],
  )
}

const secretHeader = /auth|cookie|secret|credential|token$|api-?key|subscription-key|organization/i

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
