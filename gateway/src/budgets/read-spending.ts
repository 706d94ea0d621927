import type { CalendarUnit } from '../ledger/calendar.ts'
import { readOwnerNames } from '../ledger/owner-names.ts'
import type { UsageFilter } from '../ledger/usage-filter.ts'
import { readUsage } from '../ledger/usage-report.ts'
import { readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { findRolling } from './budget.ts'
import type { Budget } from './budget.ts'
import { parseScope } from './scope.ts'
import { findOldestSlot, findWindow } from './window.ts'
import type { Window } from './window.ts'

/** The money of a budget over its current window. */
export interface Spending {
  readonly window: Window
  readonly unit: CalendarUnit
  /** In order of time; a unit without calls is missing. */
  readonly steps: readonly { readonly name: string; readonly costNanoUsd: bigint }[]
}

interface SpendingOptions {
  readonly nowMs: number
  /** The valid key that the scope names, which may not be in the store; null: none. */
  readonly keyId: string | null
}

/** The unit in which a window is divided. */
const units = { hour: 'hour', day: 'hour', week: 'day', month: 'day', total: 'month' } as const

/**
 * Reads what the calls of a budget cost in its current window, by hour, day or month, from the sums of the ledger. Holds
 * of running calls and of batches are not in it.
 */
export async function readSpending(
  queries: Queries,
  budget: Budget,
  { nowMs, keyId }: SpendingOptions,
): Promise<Spending> {
  const window = findCurrentWindow(budget, nowMs)
  const unit = units[budget.window]
  const period = { sinceMs: window.startMs, untilMs: nowMs + 1 }
  const steps = new Map<string, bigint>()
  for (const owner of await listFilters(queries, budget, keyId))
    for (const model of budget.models ?? [undefined]) {
      const filter = { ...owner, ...(model !== undefined && { model }) }
      const rows = await readUsage(queries, { by: [unit], period, timeZone: budget.timezone, filter })
      for (const { group, costNanoUsd } of rows) {
        const name = group[0] ?? ''
        steps.set(name, (steps.get(name) ?? 0n) + costNanoUsd)
      }
    }
  return {
    window,
    unit,
    steps: [...steps]
      .map(([name, costNanoUsd]) => ({ name, costNanoUsd }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  }
}

/** The window now. A rolling one never ends, and begins with its oldest part, all of which counts. */
export function findCurrentWindow(budget: Budget, nowMs: number): Window {
  const rolling = findRolling(budget)
  if (rolling === null) return findWindow(budget, nowMs)
  return { startMs: findOldestSlot(rolling, nowMs) * rolling.slotMs, endMs: null }
}

/** The owners whose calls count. Several have the name of a scope if earlier ones were archived or revoked. */
async function listFilters(
  queries: Queries,
  { scope: text }: Pick<Budget, 'scope'>,
  keyId: string | null,
): Promise<readonly UsageFilter[]> {
  const scope = parseScope(text)
  if (scope === null) return []
  if (scope.kind === 'organization') return [{}]
  if (scope.kind === 'label') return [{ labels: { [scope.name]: scope.value } }]
  const { kind, name } = scope
  const ids =
    kind === 'key'
      ? [...(await findStoredKeys(queries, name)), keyId ?? name]
      : [...(await readOwnerNames(queries))[kind]].filter(([, known]) => known === name).map(([id]) => id)
  return [...new Set([name, ...ids])].map((id) => ({ [kind]: id }))
}

/** Ids of the keys with a name, among them revoked ones: a new key of the name continues their budget. */
async function findStoredKeys(queries: Queries, name: string): Promise<readonly string[]> {
  const rows = await queries.query('SELECT id FROM keys WHERE name = ?', [name])
  return rows.map((row) => readText(row, 'id'))
}
