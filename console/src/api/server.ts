import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

export interface Server {
  readonly version: string
  readonly time: string
  readonly upstreams: readonly { readonly name: string; readonly platform: string }[]
  readonly emulated: boolean
  readonly stores_bodies: boolean
  readonly labels: readonly string[]
  readonly retention: Retention
}

/** The time for which calls, their sums, and their prompts and answers are kept. */
export interface Retention {
  readonly calls: Kept
  readonly rollups: Kept
  /** Prompts and answers; null: they are not stored. */
  readonly bodies: Kept | null
}

interface Kept {
  /** As in the configuration: `400d` or `forever`. */
  readonly configured: string
  /** Null: forever. */
  readonly days: number | null
  /** Older rows are removed; null: none are. */
  readonly since: string | null
}

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: ({ signal }) => request<Server>('/admin/v1/server', { signal }),
  staleTime: 60_000,
})
