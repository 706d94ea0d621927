import { queryOptions } from '@tanstack/react-query'

import type { Call } from './calls.ts'
import { request } from './client.ts'
import type { Query } from './client.ts'
import type { ListPage } from './list-page.ts'

/** A session of a client such as Claude Code. */
export interface ClientSession {
  readonly id: string
  readonly first_at: string
  readonly last_at: string
  readonly calls: number
  readonly agents: number
  readonly models: readonly string[]
  readonly failed: number
  readonly cost_usd: string
  readonly input_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly output_tokens: number
}

export function sessionsQuery(query: Query) {
  return queryOptions({
    queryKey: ['sessions', query],
    queryFn: ({ signal }) => request<ListPage<ClientSession>>('/admin/v1/sessions', { query, signal }),
  })
}

export function sessionCallsQuery(id: string, until: string | undefined) {
  return queryOptions({
    queryKey: ['session-calls', id, until],
    queryFn: ({ signal }) =>
      request<{ readonly data: readonly Call[]; readonly complete: boolean }>(
        `/admin/v1/sessions/${encodeURIComponent(id)}`,
        { query: { until }, signal },
      ),
  })
}
