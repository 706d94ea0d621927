import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

/** The prompt and the answer of a call as they are stored. */
export interface CallBodies {
  /** The body of the request in the Messages form. */
  readonly request: StoredBody | null
  /** Null: no upstream answered, or nothing is stored. */
  readonly response: (StoredBody & { readonly stream: boolean }) | null
  /** Null: they are stored. */
  readonly absent_because: AbsenceReason | null
}

export interface StoredBody {
  readonly text: string
  /** The size before it was cut. */
  readonly bytes: number
  readonly truncated: boolean
}

export type AbsenceReason = 'off' | 'batch' | 'other_workspace' | 'running' | 'removed' | 'not_found'

export function callBodiesQuery(id: string) {
  return queryOptions({
    queryKey: ['call', id, 'bodies'],
    queryFn: ({ signal }) =>
      request<CallBodies>(`/admin/v1/calls/${encodeURIComponent(id)}/bodies`, { signal }),
    // A running call has none yet, and afterwards they do not change.
    refetchInterval: ({ state }) => (state.data?.absent_because === 'running' ? 1_000 : false),
    staleTime: ({ state }) => (state.data?.absent_because === null ? Infinity : 0),
  })
}
