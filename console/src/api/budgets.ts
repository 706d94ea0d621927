import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { ListPage } from './list-page.ts'

export interface Budget {
  readonly id: string
  readonly scope: string
  readonly models: readonly string[] | null
  readonly limit: string
  readonly window: BudgetWindow
  readonly timezone: string
  readonly rolling: boolean
  readonly action: 'block' | 'warn'
  readonly thresholds: readonly number[]
  readonly raise: { readonly to: string; readonly until: string } | null
  readonly spent: string
  readonly held: string
  readonly left: string
  readonly resets_at: string | null
  /** When the window began; null: a rolling one, or one without an end. */
  readonly window_start: string | null
  /** config: it is in anthology.yaml, and changed there. */
  readonly source: 'config' | 'api'
}

export interface BudgetSpending {
  readonly since: string
  readonly until: string | null
  readonly unit: 'hour' | 'day' | 'month'
  /** The steps with calls, in order of time. */
  readonly data: readonly { readonly time: string; readonly cost_usd: string }[]
}

export type BudgetWindow = 'hour' | 'day' | 'week' | 'month' | 'total'

export const budgetWindows: readonly BudgetWindow[] = ['hour', 'day', 'week', 'month', 'total']

export interface BudgetInput {
  readonly scope: string
  readonly limit: string
  readonly window: BudgetWindow
  readonly action: 'block' | 'warn'
  readonly models: readonly string[] | null
  readonly timezone: string
  readonly rolling: boolean
  /** A text that is no number is what the user has typed; the server refuses it. */
  readonly thresholds: readonly (number | string)[]
}

const pageSize = 200

export function listBudgetsQuery(after: string | undefined) {
  return queryOptions({
    queryKey: ['budgets', 'list', after],
    queryFn: ({ signal }) =>
      request<ListPage<Budget>>('/admin/v1/budgets', { query: { limit: pageSize, after }, signal }),
    refetchInterval: 5_000,
  })
}

export function createBudget(input: BudgetInput): Promise<Budget> {
  return request('/admin/v1/budgets', { method: 'POST', body: input })
}

export function budgetSpendingQuery(id: string) {
  return queryOptions({
    queryKey: ['budgets', id, 'spending'],
    queryFn: ({ signal }) => request<BudgetSpending>(`${getPath(id)}/spending`, { signal }),
    refetchInterval: 30_000,
  })
}

/** Changes the members that are given. */
export function updateBudget(id: string, changes: Partial<BudgetInput>): Promise<Budget> {
  return request(getPath(id), { method: 'PATCH', body: changes })
}

/** Sets or ends a temporary raise. */
export function raiseBudget(id: string, raise: Budget['raise']): Promise<Budget> {
  return request(getPath(id), { method: 'PATCH', body: { raise } })
}

export function deleteBudget(id: string): Promise<null> {
  return request(getPath(id), { method: 'DELETE' })
}

function getPath(id: string): string {
  return `/admin/v1/budgets/${encodeURIComponent(id)}`
}
