import { limitTable, maxInt32, minutes } from './config/limit-table.ts'
import type { LimitRow, LimitScope, LimitUnit } from './config/limit-table.ts'

export type LimitName = keyof typeof limitTable

export type Limits = { readonly [Name in LimitName]: number }

/** A row with its name, its name in `anthology.yaml`, and every column filled in. */
export interface NamedLimitRow extends LimitRow {
  readonly name: LimitName
  /** The name in snake case: `body_bytes` for `bodyBytes`. */
  readonly configName: string
  readonly max: number
}

/**
 * Node's timers fire immediately when they are longer than 25 days, and sums of
 * limits and their jitter have to stay below that: a week at most.
 */
const maxByUnit: Readonly<Record<LimitUnit, number>> = {
  bytes: Number.MAX_SAFE_INTEGER,
  ms: 7 * 24 * 60 * minutes,
  count: maxInt32,
}

/** The rows with their derived columns, in the order of the table. */
export const limitRows: readonly NamedLimitRow[] =
  // The keys of the table are the names of limits.
  (Object.keys(limitTable) as LimitName[]).map((name) => {
    const row: LimitRow = limitTable[name]
    const configName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return { ...row, name, configName, max: row.max ?? maxByUnit[row.unit] }
  })

/** The limits by their names in `anthology.yaml`. */
export const limitNames: ReadonlyMap<string, LimitName> = new Map(
  limitRows.map(({ configName, name }) => [configName, name]),
)

export const defaultLimits: Limits = createLimits((row) => row.default)

/** Scopes that span the workers of a server, so that each worker gets a share of the limit. */
const sharedScopes: ReadonlySet<LimitScope> = new Set(['address', 'key', 'upstream', 'server'])

export const sharedLimits: readonly LimitName[] = limitRows
  .filter(({ scope }) => sharedScopes.has(scope))
  .map(({ name }) => name)

/** Creates an object with a number for each limit. */
export function createLimits(value: (row: NamedLimitRow) => number): Record<LimitName, number> {
  // The rows have every name exactly once.
  return Object.fromEntries(limitRows.map((row) => [row.name, value(row)])) as Record<LimitName, number>
}
