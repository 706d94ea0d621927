import { queryOptions, useQuery } from '@tanstack/react-query'

import { request, sessionPath, setCsrfToken } from './client.ts'
import type { Role } from './role.ts'

/** The answer of `/console/session`. */
export interface Session {
  readonly signed_in: boolean
  readonly oidc: { readonly name: string } | null
  readonly role?: Role
  readonly member_id?: string | null
  readonly workspaces?: readonly string[] | null
  readonly display_name?: string
  readonly signed_in_by?: string
  readonly csrf_token?: string
  readonly expires_at?: string
  /** Set by this page: the user was signed in, and the server has ended the session. */
  readonly has_ended?: boolean
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => keepToken(await request<Session>(sessionPath, { signal })),
  staleTime: Infinity,
})

export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data
}

/** Whether the signed-in user has one of these roles; an admin has all. */
export function useMay(...roles: readonly Role[]): boolean {
  const role = useSession()?.role
  return role === 'admin' || (role !== undefined && roles.includes(role))
}

/** Whether the user may create keys: the own ones of a member, in a workspace that the user may see. */
export function useMayCreateKeys(): boolean {
  const hasRole = useMay('member')
  return useHasWorkspaces() && hasRole
}

/** False: the user may see no workspace, so there is nothing to show of calls, keys and money. */
export function useHasWorkspaces(): boolean {
  return useSession()?.workspaces?.length !== 0
}

/** Whether the user may see the workspace that always exists. */
export function useSeesDefaultWorkspace(): boolean {
  return useSession()?.workspaces?.includes('default') ?? true
}

export async function signIn(secret: {
  readonly token?: string
  readonly admin_key?: string
}): Promise<Session> {
  return keepToken(await request<Session>(sessionPath, { method: 'POST', body: secret }))
}

export async function signOut(): Promise<Session> {
  return keepToken(await request<Session>(sessionPath, { method: 'DELETE' }))
}

/** The workspace of a key for which none was chosen: the default one, unless the user may use others only. */
let homeWorkspace = 'default'

export function getHomeWorkspace(): string {
  return homeWorkspace
}

let keyOwner = ''

/** Identifies the signed-in user and the workspace of their keys. */
export function getKeyOwner(): string {
  return keyOwner
}

function keepToken(session: Session): Session {
  setCsrfToken(session.csrf_token ?? '')
  const { workspaces = null } = session
  homeWorkspace =
    workspaces === null || workspaces.includes('default') ? 'default' : (workspaces[0] ?? 'default')
  keyOwner = JSON.stringify([session.member_id ?? null, session.display_name ?? null, homeWorkspace])
  return session
}

/** The reasons for which a provider's sign-in fails. */
export type SignInProblem = 'provider' | 'expired' | 'no_role' | 'no_member'

/** Takes the reason of a failed sign-in out of the address. */
export function takeSignInProblem(): SignInProblem | null {
  const problem = /^#sign-in-problem=(provider|expired|no_role|no_member)$/.exec(location.hash)?.[1]
  if (problem === undefined) return null
  history.replaceState(null, '', location.pathname + location.search)
  return problem as SignInProblem // One of the alternatives of the pattern.
}

/**
 * Takes the token of a one-time link out of the address, so that neither the address bar nor the history keeps it.
 * Returns null without one.
 */
export function takeLinkToken(): string | null {
  const token = /^#sign-in=([\w-]+)$/.exec(location.hash)?.[1] ?? null
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}

const returnKey = 'anthology-return'

/** Keeps the address of the page while the browser is at the provider. */
export function keepReturn(): void {
  sessionStorage.setItem(returnKey, location.pathname + location.search + location.hash)
}

/** Puts the address that was kept in place of the one at which the provider's sign-in ends. */
export function restoreReturn(): void {
  const kept = sessionStorage.getItem(returnKey)
  if (kept === null) return
  sessionStorage.removeItem(returnKey)
  if (location.pathname === '/console/') history.replaceState(null, '', kept)
}
