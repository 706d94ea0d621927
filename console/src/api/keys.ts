import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { Query } from './client.ts'
import type { ListPage } from './list-page.ts'

export interface Key {
  readonly id: string
  readonly name: string
  readonly status: 'active' | 'expired' | 'revoked'
  readonly hint: string | null
  readonly workspace_id: string
  readonly member_id: string | null
  readonly models: readonly string[] | null
  readonly expires_at: string | null
  readonly created_at: string
  readonly revoked_at: string | null
}

/** A key with its secret, which is shown only once. */
export interface CreatedKey extends Key {
  readonly key: string
}

export interface KeyInput {
  readonly name?: string
  readonly workspace_id?: string
  readonly member_id?: string
  readonly models?: readonly string[]
  readonly expires_at?: string
}

export function listKeysQuery(query: Query = {}) {
  return queryOptions({
    queryKey: ['keys', query],
    queryFn: ({ signal }) => request<ListPage<Key>>('/admin/v1/keys', { query, signal }),
  })
}

export function createKey(input: KeyInput): Promise<CreatedKey> {
  return request('/admin/v1/keys', { method: 'POST', body: input })
}

export function revokeKey(id: string): Promise<Key> {
  return request(`/admin/v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
}
