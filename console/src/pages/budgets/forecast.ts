import type { Budget } from '../../api/budgets.ts'
import { readNanoUsd } from '../../parts/format.ts'

/** What happens to a budget if money is spent as fast as since the beginning of its window. */
export type Forecast =
  | { readonly kind: 'spent' }
  | { readonly kind: 'lasts' }
  | { readonly kind: 'reached'; readonly atMs: number }
  /** A window that rolls or never ends has no pace, and neither has one without calls. */
  | { readonly kind: 'none' }

export function forecastBudget(budget: Budget, nowMs: number): Forecast {
  const limit = getLimitNanoUsd(budget, nowMs)
  const used = readNanoUsd(budget.spent)
  if (used >= limit) return { kind: 'spent' }
  if (budget.window_start === null || budget.resets_at === null || used === 0n) return { kind: 'none' }
  const elapsedMs = nowMs - Date.parse(budget.window_start)
  const neededMs = (Number(limit - used) / Number(used)) * elapsedMs
  const atMs = nowMs + neededMs
  return atMs < Date.parse(budget.resets_at) ? { kind: 'reached', atMs } : { kind: 'lasts' }
}

/** The limit at a time, with a raise that is still valid. */
export function getLimitNanoUsd({ limit, raise }: Pick<Budget, 'limit' | 'raise'>, nowMs: number): bigint {
  const usual = readNanoUsd(limit)
  if (raise === null || Date.parse(raise.until) <= nowMs) return usual
  const raised = readNanoUsd(raise.to)
  return raised > usual ? raised : usual
}
