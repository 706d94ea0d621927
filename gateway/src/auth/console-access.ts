import { timingSafeEqual } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

import { ApiError } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import type { Caller } from './caller.ts'
import type { ConsoleSession, ConsoleSessions } from './console-sessions.ts'

type RequestHead = Pick<ClientRequest, 'headers' | 'method' | 'socket'>

/** The header that carries the session's token with every change. */
export const csrfHeader = 'x-csrf-token'

/**
 * Returns the session of a request's cookie, null without a valid one. A change must come from a page of this server and
 * carry the session's token: browsers attach the cookie to requests of other pages on the same site as well.
 */
export async function findSession(
  sessions: ConsoleSessions,
  request: RequestHead,
): Promise<ConsoleSession | null> {
  const secret = readSessionCookie(request)
  const session = secret === null ? null : await sessions.find(secret)
  if (session === null) return null
  checkSameOrigin(request)
  if (!isChange(request)) return session
  const given = request.headers[csrfHeader]
  if (typeof given !== 'string' || !isEqual(given, session.csrfToken))
    throw new ApiError('admin_only', `a change from the console needs the header ${csrfHeader}`)
  return session
}

/** The caller of the admin API whom the session's cookie identifies; null without a valid one. */
export async function findConsoleCaller(
  sessions: ConsoleSessions,
  request: RequestHead,
): Promise<Caller | null> {
  const session = await findSession(sessions, request)
  if (session === null) return null
  const { role, memberId, workspaces } = session
  return {
    role,
    actor: memberId ?? 'console',
    memberId,
    workspaces: workspaces === null ? null : new Set(workspaces),
  }
}

/**
 * Rejects a request that another origin's page sent (OWASP, Cross-Site Request Forgery Prevention). Browsers state the
 * origin in `sec-fetch-site`, older ones in `origin`. A change without either does not come from a browser's page.
 */
export function checkSameOrigin(request: Pick<ClientRequest, 'headers' | 'method'>): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isSame =
    site !== undefined
      ? site === 'same-origin' || (site === 'none' && !isChange(request))
      : origin === undefined
        ? !isChange(request)
        : isOwnOrigin(origin, request)
  if (!isSame) throw new ApiError('admin_only', 'this request was sent by a page of another origin')
}

function isOwnOrigin(origin: string, { headers }: Pick<ClientRequest, 'headers'>): boolean {
  return /^https?:\/\/(.+)$/.exec(origin)?.[1] === findHost(headers)
}

/** The host that the client addressed; HTTP/2 has it in `:authority`. */
export function findHost(headers: ClientRequest['headers']): string {
  const authority = headers[':authority']
  return (typeof authority === 'string' ? authority : headers.host) ?? ''
}

function isChange({ method }: Pick<ClientRequest, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

export function readSessionCookie(request: RequestHead): string | null {
  return readCookie(request, nameSessionCookie(request))
}

export function readCookie({ headers }: Pick<ClientRequest, 'headers'>, name: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}

/**
 * The `set-cookie` of a session; an empty secret removes it. Cookies are not separated by port, so its name contains
 * the port: two servers on one machine keep their own sessions.
 */
export function printSessionCookie(request: RequestHead, secret: string): string {
  return printCookie(request, nameSessionCookie(request), { value: secret, sameSite: 'Strict' })
}

export function printCookie(
  request: RequestHead,
  name: string,
  { value, sameSite }: { readonly value: string; readonly sameSite: 'Strict' | 'Lax' },
): string {
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', `SameSite=${sameSite}`]
  if (isSecure(request)) parts.push('Secure')
  if (value === '') parts.push('Max-Age=0')
  return parts.join('; ')
}

function nameSessionCookie(request: RequestHead): string {
  const name = `anthology_session_${request.socket.localPort ?? 0}`
  return isSecure(request) ? `__Host-${name}` : name
}

/** A proxy that ends TLS states so in `x-forwarded-proto`. */
export function isSecure({ headers, socket }: Pick<ClientRequest, 'headers' | 'socket'>): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true || headers['x-forwarded-proto'] === 'https'
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
