import { queryOptions } from '@tanstack/react-query'

import type { Component } from './calls.ts'
import { request } from './client.ts'
import type { Query } from './client.ts'

export interface UsageSums {
  readonly calls: number
  readonly attempts: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly quantities: Readonly<Record<Component, number>>
  readonly costs_usd: Readonly<Record<Component, string>>
  readonly cost_usd: string
  readonly unpriced_calls: number
  readonly estimated_calls: number
}

export interface UsageRow extends UsageSums {
  /** The value of each grouping, in their order. */
  readonly group: readonly (string | null)[]
  readonly names: readonly (string | null)[]
  /** The number of values beyond `top` that the row adds up, for each grouping; 0: it is one value. */
  readonly others: readonly number[]
}

export interface Usage {
  readonly data: readonly UsageRow[]
  readonly total: UsageSums
}

export interface UsageCheck {
  readonly rows: number
  readonly cost_usd: string
  /** The cost that the usage has for the same calls. */
  readonly usage_usd: string
  /** The rows are those of calls that began at this time or later. */
  readonly since: string
  /** False: the period has more rows, and only the latest ones were added up. */
  readonly complete: boolean
}

export function usageQuery(query: Query) {
  return queryOptions({
    queryKey: ['usage', query],
    queryFn: ({ signal }) => request<Usage>('/admin/v1/usage', { query, signal }),
  })
}

export function usageCheckQuery(query: Query) {
  return queryOptions({
    queryKey: ['usage-check', query],
    queryFn: ({ signal }) => request<UsageCheck>('/admin/v1/usage/check', { query, signal }),
  })
}
