import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { QueryClient } from '@tanstack/react-query'

import { ApiProblem, printQuery, request } from './client.ts'
import type { Query } from './client.ts'
import type { ListPage } from './list-page.ts'

/** The components of a price, in the order in which they are shown. */
export const components = [
  'input',
  'cache_write_5m',
  'cache_write_1h',
  'cache_read',
  'output',
  'web_search',
] as const

export type Component = (typeof components)[number]

/** A call in a list of the admin API. */
export interface Call {
  readonly id: string
  readonly attempt: number | null
  readonly started_at: string
  readonly protocol: string
  readonly key_id: string
  readonly key: string | null
  readonly workspace_id: string | null
  readonly workspace: string | null
  readonly member: string | null
  readonly session_id: string | null
  readonly agent_id: string | null
  readonly parent_agent_id: string | null
  readonly labels: Readonly<Record<string, string>> | null
  readonly requested_model: string
  readonly model: string
  readonly upstream: string
  readonly platform: string
  readonly streamed: boolean
  readonly attempts: number | null
  readonly outcome: string
  readonly status: number | null
  readonly stop_reason: string | null
  readonly error_type: string | null
  readonly message_id: string | null
  readonly upstream_request_id: string | null
  readonly first_byte_ms: number | null
  readonly first_token_ms: number | null
  readonly total_ms: number | null
  readonly quantities: Readonly<Record<Component, number | null>>
  readonly usage_source: string | null
  readonly cost_usd: string | null
  readonly unpriced_because: string | null
}

export interface PriceLine {
  readonly component: Component
  readonly quantity: number
  readonly unit_pico_usd: number | null
  readonly cost_usd: string | null
}

export interface CallDetail extends Call {
  readonly rate_card: string | null
  readonly usage: object | null
  /** Null: one upstream, asked once. */
  readonly routing: CallRouting | null
  /** Null: none of those that are kept was sent, or the call is of an older version. */
  readonly headers: CallHeaders | null
  /** Null: the call did not end with an error, or it is of an older version. */
  readonly error_message: string | null
  readonly lines: readonly PriceLine[]
}

/** Some headers of a call, by name. */
export interface CallHeaders {
  readonly request: Readonly<Record<string, string>>
  readonly response: Readonly<Record<string, string>>
}

/** An upstream in the plan of a call; `model` is null for the model of the call. */
export interface RoutedUpstream {
  readonly upstream: string
  readonly because: string
  readonly model: string | null
}

/** The plan of a call and what became of it. */
export interface CallRouting {
  readonly ranked: readonly RoutedUpstream[]
  readonly excluded: readonly RoutedUpstream[]
  readonly attempts: readonly { readonly upstream: string; readonly result: string }[]
  readonly omitted: number
}

export interface CallWithAttempts {
  readonly call: CallDetail
  readonly billed_attempts: readonly CallDetail[]
}

const pageSize = 100

/** `looked_back_to` is the start of the earliest call that was looked at; null: all were. */
export interface CallPage extends ListPage<Call> {
  readonly looked_back_to: string | null
}

/** One page of the calls that match; `after` is the `next` of the page before. */
export function listCallsQuery(filter: Query, after: string | undefined) {
  return queryOptions({
    queryKey: ['calls', filter, after],
    queryFn: ({ signal }) =>
      request<CallPage>('/admin/v1/calls', { query: { ...filter, limit: pageSize, after }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The number of calls that match; `complete` is false if there may be more. */
export interface CallCount {
  readonly count: number
  readonly complete: boolean
}

/** Counts the calls that match, from time to time while the list is live. */
export function callCountQuery(filter: Query, isLive: boolean) {
  return queryOptions({
    queryKey: ['call-count', filter],
    queryFn: ({ signal }) => request<CallCount>('/admin/v1/calls/count', { query: filter, signal }),
    refetchInterval: isLive ? 10_000 : false,
  })
}

/** Reads the first page anew. A request that is under way does not count: it may have begun too early. */
export async function readFirstPage(queries: QueryClient, filter: Query): Promise<ListPage<Call>> {
  const { queryKey } = listCallsQuery(filter, undefined)
  const wanted = { queryKey, exact: true }
  if (queries.isFetching(wanted) > 0) await queries.refetchQueries(wanted, { cancelRefetch: false })
  await queries.refetchQueries(wanted, { throwOnError: true })
  return queries.getQueryData(queryKey) ?? { data: [], next: null }
}

/** The address of a file with all calls that match, which the server makes as it sends it. */
export function getCallsCsvUrl(filter: Query): string {
  return `/admin/v1/calls/csv${printQuery(filter)}`
}

export function recentCallsQuery(limit: number) {
  return queryOptions({
    queryKey: ['calls', 'recent', limit],
    queryFn: ({ signal }) => request<ListPage<Call>>('/admin/v1/calls', { query: { limit }, signal }),
    refetchInterval: 3_000,
  })
}

/** A call that is asked for this often in vain does not exist. */
const maxMissing = 4

export function callQuery(id: string) {
  return queryOptions({
    queryKey: ['call', id],
    queryFn: ({ signal }) =>
      request<CallWithAttempts>(`/admin/v1/calls/${encodeURIComponent(id)}`, { signal }),
    // A link beside an answer may be opened before the call is in the store.
    retry: (failures, error) => failures < maxMissing && error instanceof ApiProblem && error.status === 404,
    retryDelay: 500,
    // A running call changes once more.
    refetchInterval: ({ state }) => (state.data?.call.outcome === 'running' ? 1_000 : false),
  })
}

/** All input tokens: fresh, written to a cache and read from one. */
export function countInput({ quantities }: Pick<Call, 'quantities'>): number | null {
  if (quantities.input === null && quantities.output === null) return null
  return (
    (quantities.input ?? 0) +
    (quantities.cache_write_5m ?? 0) +
    (quantities.cache_write_1h ?? 0) +
    (quantities.cache_read ?? 0)
  )
}
