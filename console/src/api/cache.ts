import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

export interface CacheCall {
  readonly id: string
  readonly started_at: string
  readonly agent_id: string | null
  readonly model: string
  readonly state: 'first' | 'hit' | 'changed' | 'expired' | 'uncached'
  readonly gap_ms: number | null
  readonly input_tokens: number
  readonly written_tokens: number
  readonly read_tokens: number
  readonly lost_tokens: number
  readonly extra_usd: string | null
}

export interface CacheReport {
  readonly data: readonly CacheCall[]
  readonly complete: boolean
  readonly costs: {
    readonly actual_usd: string | null
    readonly five_minutes_usd: string | null
    readonly one_hour_usd: string | null
  }
}

export function cacheReportQuery(session: string) {
  return queryOptions({
    queryKey: ['cache-report', session],
    queryFn: ({ signal }) =>
      request<CacheReport>(`/admin/v1/sessions/${encodeURIComponent(session)}/cache`, { signal }),
  })
}
