import { isRecord, parseJson } from '@anthology/wire'

import {
  checkSameOrigin,
  findSession,
  printSessionCookie,
  readSessionCookie,
} from '../../auth/console-access.ts'
import type { ConsoleSession, SessionOwner } from '../../auth/console-sessions.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { sendAdminJson } from '../admin/send-json.ts'

/**
 * Serves `/console/session`: GET describes the browser's session, POST signs in with `{ token }` of a one-time link or
 * with `{ admin_key }`, DELETE signs out. Signing in always creates a new session, so that nobody can prepare one for
 * somebody else.
 */
export async function serveSession(context: Context, exchange: ClientExchange): Promise<void> {
  switch (exchange.request.method ?? '') {
    case 'GET':
      return sendAdminJson(exchange, await describeSession(context, exchange))
    case 'POST':
      return signIn(context, exchange)
    case 'DELETE':
      return signOut(context, exchange)
    default:
      throw new ApiError('wrong_method', 'a session takes GET, POST or DELETE', undefined, {
        headers: { allow: 'GET, POST, DELETE' },
      })
  }
}

async function describeSession(context: Context, { request }: ClientExchange): Promise<object> {
  const session = await findSession(context.console.sessions, request)
  return { signed_in: session !== null, ...describeSignIn(context), ...printSession(session) }
}

function describeSignIn({ console: { oidc } }: Pick<Context, 'console'>): object {
  return { oidc: oidc === null ? null : { name: oidc.name } }
}

function printSession(session: ConsoleSession | null): object {
  if (session === null) return {}
  const { role, memberId, workspaces, displayName, signedInBy, csrfToken, expiresAtMs } = session
  return {
    role,
    member_id: memberId,
    workspaces,
    display_name: displayName,
    signed_in_by: signedInBy,
    csrf_token: csrfToken,
    expires_at: new Date(expiresAtMs).toISOString(),
  }
}

async function signIn(context: Context, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  checkSameOrigin(request)
  const body = await context.bodies.read(request)
  try {
    const owner = await identify(context, exchange, parseJson(Buffer.from(body.bytes).toString('utf8')))
    const former = readSessionCookie(request)
    if (former !== null) await context.console.sessions.remove(former)
    const { secret, session } = await context.console.sessions.create(owner)
    exchange.response.setHeader('set-cookie', printSessionCookie(request, secret))
    context.log({ level: 'info', event: 'console_sign_in', by: owner.signedInBy, role: owner.role })
    sendAdminJson(exchange, { signed_in: true, ...describeSignIn(context), ...printSession(session) })
  } finally {
    body.release()
  }
}

async function identify(context: Context, { request }: ClientExchange, body: unknown): Promise<SessionOwner> {
  const administrator = { role: 'admin', memberId: null, workspaces: null } as const
  const { token, admin_key: adminKey } = isRecord(body) ? body : {}
  if (typeof token === 'string') {
    if (!(await context.console.sessions.useLink(token)))
      throw new ApiError(
        'unknown_key',
        'this sign-in link was used already or has expired; print a new one with: anthology console',
      )
    return { ...administrator, displayName: 'Administrator', signedInBy: 'link' }
  }
  if (typeof adminKey !== 'string')
    throw new ApiError('bad_request', 'the body must have the member token or admin_key')
  const { socket, method, url } = request
  const headers = { 'x-api-key': adminKey, 'x-forwarded-for': request.headers['x-forwarded-for'] }
  await context.admin.authenticate({ headers, socket, method, url })
  return { ...administrator, displayName: 'Administrator', signedInBy: 'admin_key' }
}

async function signOut(context: Context, exchange: ClientExchange): Promise<void> {
  const { request, response } = exchange
  await findSession(context.console.sessions, request)
  const secret = readSessionCookie(request)
  if (secret !== null) await context.console.sessions.remove(secret)
  response.setHeader('set-cookie', printSessionCookie(request, ''))
  sendAdminJson(exchange, { signed_in: false, ...describeSignIn(context) })
}
