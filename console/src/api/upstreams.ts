import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { ListPage } from './list-page.ts'

export interface ModelHealth {
  readonly model: string
  readonly state: 'healthy' | 'probe' | 'open' | 'blocked'
  readonly failures: number
  readonly last_failure_at: string | null
  readonly last_failure: string | null
  readonly open_since: string | null
  /** The times that the circuit has opened, in the processes that run now. */
  readonly circuit_openings: number
  readonly next_try_at: string | null
  /** The quotas that are used up: fast mode and token counts have limits of their own. */
  readonly exhausted_quotas: readonly {
    readonly quota: 'messages' | 'fast' | 'token_count'
    readonly next_try_at: string
  }[]
  readonly first_token_ms: number | null
  readonly first_token_answers: number
  /** Tokens of a quota that the gateway counts itself; null: the platform has none. */
  readonly quota: { readonly used_tokens: number; readonly tokens_per_minute: number | null } | null
}

export interface Upstream {
  readonly name: string
  readonly platform: string
  readonly region: string | null
  readonly hosting: 'azure' | 'anthropic' | null
  readonly base_url: string | null
  /** The forward proxy to it, without user and password. */
  readonly proxy: string | null
  readonly price: 'catalog' | 'own'
  readonly group: number | null
  readonly weight: number
  readonly credential: { readonly rejected: string | null }
  readonly open_calls: number
  readonly queued_calls: number
  readonly connections: { readonly open: number; readonly full_times: number }
  readonly health: readonly ModelHealth[]
}

export interface UpstreamTest {
  readonly result: 'answered' | 'error' | 'no_answer' | 'no_credential' | 'no_model'
  readonly model: string | null
  readonly took_ms: number | null
  readonly status: number | null
  readonly message: string | null
}

export const upstreamsQuery = queryOptions({
  queryKey: ['upstreams'],
  queryFn: ({ signal }) => request<ListPage<Upstream>>('/admin/v1/upstreams', { signal }),
  refetchInterval: 5_000,
})

export function testUpstream(name: string): Promise<UpstreamTest> {
  return request(`/admin/v1/upstreams/${encodeURIComponent(name)}/test`, { method: 'POST' })
}

export interface Explanation {
  readonly model: string
  readonly attempts: readonly {
    readonly upstream: string
    readonly platform: string
    readonly model: string
    readonly because: string
    readonly price:
      | { readonly low_usd: string; readonly high_usd: string; readonly rate_card: string }
      | { readonly because: string; readonly detail: string }
  }[]
  readonly excluded: readonly {
    readonly upstream: string
    readonly model: string
    readonly because: string
    readonly detail: string
  }[]
}

export function explain(
  body: unknown,
  query: Readonly<Record<string, string | undefined>>,
): Promise<Explanation> {
  return request('/admin/v1/explain', { method: 'POST', body, query })
}
