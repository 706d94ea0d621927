import { queryOptions, useQuery } from '@tanstack/react-query'

import { request, setCsrfToken } from './client.ts'
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
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => keepToken(await request<Session>('/console/session', { signal })),
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

export async function signIn(secret: {
  readonly token?: string
  readonly admin_key?: string
}): Promise<Session> {
  return keepToken(await request<Session>('/console/session', { method: 'POST', body: secret }))
}

export async function signOut(): Promise<Session> {
  return keepToken(await request<Session>('/console/session', { method: 'DELETE' }))
}

function keepToken(session: Session): Session {
  setCsrfToken(session.csrf_token ?? '')
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
