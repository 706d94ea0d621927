import {
  findHost,
  isSecure,
  printCookie,
  printSessionCookie,
  readCookie,
  readSessionCookie,
} from '../../auth/console-access.ts'
import type { SessionOwner } from '../../auth/console-sessions.ts'
import { createToken } from '../../auth/console-sessions.ts'
import { findRole, findWorkspaceNames } from '../../auth/oidc.ts'
import type { OidcConfig, OidcProvider, OidcUser } from '../../auth/oidc.ts'
import { isRole } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange, ClientRequest } from '../../http/client-exchange.ts'
import { readNullable, readText } from '../../store/database.ts'
import type { Queries } from '../../store/database.ts'

/**
 * Serves `/console/oidc/start`, which sends the browser to the provider, and `/console/oidc/callback`, to which the
 * provider sends it back. The callback ends at the console in every case: signed in, or with the reason why not.
 */
export async function serveOidc(context: Context, path: string, exchange: ClientExchange): Promise<void> {
  const { oidc } = context.console
  if (oidc === null)
    throw new ApiError('no_route', 'sign-in through a provider is not configured (console.oidc)')
  if (exchange.request.method !== 'GET')
    throw new ApiError('wrong_method', 'signing in takes GET', undefined, { headers: { allow: 'GET' } })
  if (path === '/console/oidc/start') return start(context, oidc, exchange)
  if (path === '/console/oidc/callback') return finish(context, oidc, exchange)
  throw new ApiError('no_route', `the console has no path ${path.slice(0, 100)}`)
}

/** The time for signing in at the provider. */
const loginMs = 10 * 60_000

/** The reasons that the page of signing in has texts for. */
type Problem = 'provider' | 'expired' | 'no_role' | 'no_member'

async function start(context: Context, oidc: OidcProvider, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  const redirectUri = createRedirectUri(context, request)
  const started = await oidc.start(redirectUri).catch((error: unknown) => {
    logFailure(context, error)
    return null
  })
  if (started === null) return redirect(exchange, createProblemPath('provider'))
  const secret = createToken()
  await context.console.sessions.addLogin(secret, started.login, loginMs)
  // The provider sends the browser back from another site, where a strict cookie would stay behind.
  const cookie = printCookie(request, nameLoginCookie(request), { value: secret, sameSite: 'Lax' })
  redirect(exchange, started.url, [cookie])
}

async function finish(context: Context, oidc: OidcProvider, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  const secret = readCookie(request, nameLoginCookie(request))
  const login = secret === null ? null : await context.console.sessions.takeLogin(secret)
  const spent = printCookie(request, nameLoginCookie(request), { value: '', sameSite: 'Lax' })
  if (login === null) return redirect(exchange, createProblemPath('expired'), [spent])
  const answer = new URL(createRedirectUri(context, request))
  answer.search = request.url?.split('?')[1] ?? ''
  let user: OidcUser
  try {
    user = await oidc.finish(answer, login)
  } catch (error) {
    logFailure(context, error)
    return redirect(exchange, createProblemPath('provider'), [spent])
  }
  const owner = await findOwner(context.database, oidc.config, user)
  if (typeof owner === 'string') {
    context.log({ level: 'warn', event: 'console_sign_in_refused', because: owner })
    return redirect(exchange, createProblemPath(owner), [spent])
  }
  const former = readSessionCookie(request)
  if (former !== null) await context.console.sessions.remove(former)
  const created = await context.console.sessions.create(owner)
  context.log({ level: 'info', event: 'console_sign_in', by: owner.signedInBy, role: owner.role })
  redirect(exchange, '/console/', [printSessionCookie(request, created.secret), spent])
}

/**
 * The session of a user: the role of the groups, else that of the member with the same address. Nobody without either
 * is let in, and a `member` needs a record, because that is whose keys and calls they see.
 */
async function findOwner(
  database: Queries,
  config: OidcConfig,
  user: OidcUser,
): Promise<SessionOwner | Extract<Problem, 'no_role' | 'no_member'>> {
  const [member] =
    user.email === null
      ? []
      : await database.query(
          'SELECT id, role, workspaces FROM members WHERE lower(email) = lower(?) AND archived_at_ms IS NULL',
          [user.email],
        )
  const memberRole = member === undefined ? null : readText(member, 'role')
  const role =
    findRole(config, user.groups) ?? (memberRole !== null && isRole(memberRole) ? memberRole : null)
  if (role === null) return 'no_role'
  if (role === 'member' && member === undefined) return 'no_member'
  const names = findWorkspaceNames(config, user.groups)
  const limited = member === undefined ? null : readNullable(member, 'workspaces', readText)
  const ofGroups = names === null ? null : await findWorkspaceIds(database, names)
  const ofMember = limited === null ? null : (JSON.parse(limited) as string[]) // Written by the admin API.
  return {
    role,
    memberId: member === undefined ? null : readText(member, 'id'),
    workspaces: role === 'admin' ? null : allowBoth(ofGroups, ofMember),
    displayName: user.name.slice(0, 200),
    signedInBy: 'oidc',
  }
}

/** The workspaces that two lists allow; null allows all. */
function allowBoth(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return one ?? other
  return one.filter((id) => other.includes(id))
}

async function findWorkspaceIds(database: Queries, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return []
  const rows = await database.query(
    `SELECT id FROM workspaces WHERE name IN (${names.map(() => '?').join(', ')})`,
    names,
  )
  return rows.map((row) => readText(row, 'id'))
}

function createRedirectUri({ console: { publicUrl } }: Context, request: ClientRequest): string {
  const origin = publicUrl ?? `${isSecure(request) ? 'https' : 'http'}://${findHost(request.headers)}`
  return `${origin.replace(/\/$/, '')}/console/oidc/callback`
}

function createProblemPath(problem: Problem): string {
  return `/console/#sign-in-problem=${problem}`
}

function nameLoginCookie(request: ClientRequest): string {
  return `anthology_login_${request.socket.localPort ?? 0}`
}

/** The message of the library names no secret: codes, claims and endpoints only. */
function logFailure({ log }: Pick<Context, 'log'>, error: unknown): void {
  log({
    level: 'warn',
    event: 'console_sign_in_failed',
    message: error instanceof Error ? error.message : String(error),
  })
}

function redirect({ id, response }: ClientExchange, location: string, cookies: readonly string[] = []): void {
  response.writeHead(303, {
    location,
    'set-cookie': [...cookies],
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'request-id': id,
    'content-length': 0,
  })
  response.end()
}
