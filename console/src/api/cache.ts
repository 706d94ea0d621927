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
  readonly comparison: 'changed' | 'same' | 'unknown'
  readonly change: PrefixChange | null
  readonly breakpoints: readonly CacheBreakpoint[]
}

/** The first difference of a prompt from the one before. */
export interface PrefixChange {
  readonly part: 'tools' | 'system' | 'messages' | 'settings'
  readonly from: number | null
  readonly to: number | null
  readonly block: number | null
  readonly setting: string | null
  readonly kind: 'changed' | 'added' | 'removed' | 'moved'
}

export interface CacheBreakpoint {
  readonly part: 'tools' | 'system' | 'messages'
  readonly number: number
  readonly block: number | null
  readonly lifetime: '5m' | '1h'
}

export interface CacheReport {
  readonly data: readonly CacheCall[]
  readonly complete: boolean
  readonly costs: {
    readonly actual_usd: string | null
    readonly five_minutes_usd: string | null
    readonly one_hour_usd: string | null
  }
  /** The number of pauses that each time to live survives. */
  readonly pauses: { readonly five_minutes: number; readonly one_hour: number; readonly longer: number }
}

export function cacheReportQuery(session: string) {
  return queryOptions({
    queryKey: ['cache-report', session],
    queryFn: ({ signal }) =>
      request<CacheReport>(`/admin/v1/sessions/${encodeURIComponent(session)}/cache`, { signal }),
  })
}
