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
}

export type BudgetWindow = 'hour' | 'day' | 'week' | 'month' | 'total'

export const budgetWindows: readonly BudgetWindow[] = ['hour', 'day', 'week', 'month', 'total']

export interface BudgetInput {
  readonly scope: string
  readonly limit: string
  readonly window: BudgetWindow
  readonly action: 'block' | 'warn'
}

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: ({ signal }) => request<ListPage<Budget>>('/admin/v1/budgets', { query: { limit: 200 }, signal }),
  refetchInterval: 5_000,
})

export function createBudget(input: BudgetInput): Promise<Budget> {
  return request('/admin/v1/budgets', { method: 'POST', body: input })
}

export function deleteBudget(id: string): Promise<null> {
  return request(`/admin/v1/budgets/${encodeURIComponent(id)}`, { method: 'DELETE' })
}
