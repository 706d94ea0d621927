import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { Query } from './client.ts'
import type { ListPage } from './list-page.ts'
import type { Role } from './role.ts'

export interface Workspace {
  readonly id: string
  readonly name: string
  readonly created_at: string
  readonly archived_at: string | null
}

export interface Member {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly role: Role
  readonly workspaces: readonly string[] | null
  readonly created_at: string
  readonly archived_at: string | null
}

export interface AuditEntry {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly role: string
  readonly action: string
  readonly target: { readonly kind: string; readonly id: string }
  readonly before: object | null
  readonly after: object | null
}

/** Entries of a page, and of a choice. */
const listLimit = 200

export function listWorkspacesQuery(after?: string) {
  return queryOptions({
    queryKey: ['workspaces', after],
    queryFn: ({ signal }) =>
      request<ListPage<Workspace>>('/admin/v1/workspaces', { query: { limit: listLimit, after }, signal }),
  })
}

export function listMembersQuery(after?: string) {
  return queryOptions({
    queryKey: ['members', after],
    queryFn: ({ signal }) =>
      request<ListPage<Member>>('/admin/v1/members', { query: { limit: listLimit, after }, signal }),
  })
}

/** The entries among which a form lets choose. */
export const workspacesQuery = listWorkspacesQuery()
export const membersQuery = listMembersQuery()

export function createWorkspace(name: string): Promise<Workspace> {
  return request('/admin/v1/workspaces', { method: 'POST', body: { name } })
}

export function archiveWorkspace(id: string): Promise<Workspace> {
  return request(`/admin/v1/workspaces/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function createMember(input: {
  readonly name: string
  readonly email?: string
  readonly role: Role
}): Promise<Member> {
  return request('/admin/v1/members', { method: 'POST', body: input })
}

export function changeMemberRole(id: string, role: Role): Promise<Member> {
  return request(`/admin/v1/members/${encodeURIComponent(id)}`, { method: 'PATCH', body: { role } })
}

export function archiveMember(id: string): Promise<Member> {
  return request(`/admin/v1/members/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function auditQuery(query: Query) {
  return queryOptions({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => request<ListPage<AuditEntry>>('/admin/v1/audit', { query, signal }),
  })
}
