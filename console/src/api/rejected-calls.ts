import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { Query } from './client.ts'

/** The calls that the gateway rejected before it asked an upstream. */
export interface RejectedCalls {
  /** By day (UTC) and error code, in the order of the days. */
  readonly days: readonly { readonly day: string; readonly code: string; readonly calls: number }[]
  /** By key and error code, the most calls first. */
  readonly keys: readonly RejectedOfKey[]
  readonly total: number
  /** False: only the keys with the most calls are there. */
  readonly complete: boolean
}

export interface RejectedOfKey {
  readonly key_id: string
  readonly key: string | null
  readonly code: string
  readonly calls: number
}

export function rejectedCallsQuery(query: Query) {
  return queryOptions({
    queryKey: ['rejected-calls', query],
    queryFn: ({ signal }) => request<RejectedCalls>('/admin/v1/rejected-calls', { query, signal }),
  })
}
