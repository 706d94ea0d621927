import type { DatabaseSync } from 'node:sqlite'

import { components } from './call-row.ts'
import type { Component } from './call-row.ts'

/** The ways to group usage. Days are UTC. */
export const groupings = {
  model: 'model',
  key: 'key_id',
  day: "strftime('%Y-%m-%d', started_at_ms / 1000, 'unixepoch')",
  upstream: 'upstream',
  protocol: 'protocol',
  outcome: "coalesce(outcome, 'running')",
} as const

export type Grouping = keyof typeof groupings

export interface UsageRow {
  readonly group: string
  readonly calls: bigint
  /** Number of calls by outcome; `running` calls have not ended yet, `unknown` ones never will. */
  readonly outcomes: Readonly<Record<string, bigint>>
  readonly quantities: Readonly<Record<Component, bigint>>
  readonly costNanoUsd: bigint
  /** Calls with a full or partial response and an unknown price; the cost excludes them. */
  readonly unpricedCalls: bigint
}

export interface Period {
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
}

/** Sums the ledger, most expensive group first. Counts and money are integer sums, read as bigint. */
export function readUsage(database: DatabaseSync, by: Grouping, period: Period): readonly UsageRow[] {
  const statement = database.prepare(`
    SELECT ${groupings[by]} AS "group", count(*) AS calls,
      ${outcomes.map((name) => `count(*) FILTER (WHERE coalesce(outcome, 'running') = '${name}') AS ${name}`).join(', ')},
      ${[...components.map((name) => `${name}_quantity`), 'cost_nano_usd'].map(sumInHalves).join(', ')},
      count(*) FILTER (WHERE cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered')) AS unpriced
    FROM all_calls WHERE started_at_ms >= ? AND started_at_ms < ?
    GROUP BY 1 ORDER BY calls DESC, 1`)
  statement.setReadBigInts(true)
  const rows = statement.all(period.sinceMs, period.untilMs).map((row) => ({
    group: String(row['group']),
    calls: readInteger(row['calls']),
    outcomes: Object.fromEntries(outcomes.map((name) => [name, readInteger(row[name])])),
    quantities: readQuantities(row),
    costNanoUsd: readSum(row, 'cost_nano_usd'),
    unpricedCalls: readInteger(row['unpriced']),
  }))
  // The sort is stable: groups of equal cost keep the order of the query.
  return rows.toSorted(
    (one, other) => Number(one.costNanoUsd < other.costNanoUsd) - Number(one.costNanoUsd > other.costNanoUsd),
  )
}

/** SQLite's sum() fails above 64 bits; a few absurd values of an upstream must not make all usage unreadable. */
function sumInHalves(column: string): string {
  return `coalesce(sum(${column} >> 32), 0) AS ${column}_high, coalesce(sum(${column} & 4294967295), 0) AS ${column}_low`
}

function readSum(row: Readonly<Record<string, unknown>>, column: string): bigint {
  return (readInteger(row[`${column}_high`]) << 32n) + readInteger(row[`${column}_low`])
}

/** Reads stored calls, newest first; integers are bigint. */
export function readCalls(database: DatabaseSync, period: Period, limit: number): readonly StoredCall[] {
  const statement = database.prepare(
    'SELECT * FROM all_calls WHERE started_at_ms >= ? AND started_at_ms < ? ORDER BY started_at_ms DESC, id LIMIT ?',
  )
  statement.setReadBigInts(true)
  // STRICT tables without BLOB or REAL columns contain only these types.
  return statement.all(period.sinceMs, period.untilMs, limit) as StoredCall[]
}

export type StoredCall = Readonly<Record<string, string | bigint | null>>

export const outcomes = [
  'answered',
  'upstream_error',
  'client_closed',
  'upstream_aborted',
  'key_revoked',
  'unknown',
  'running',
] as const

function readQuantities(row: Readonly<Record<string, unknown>>): Record<Component, bigint> {
  const quantities: Partial<Record<Component, bigint>> = {}
  for (const name of components) quantities[name] = readSum(row, `${name}_quantity`)
  // The loop has set every component.
  return quantities as Record<Component, bigint>
}

function readInteger(value: unknown): bigint {
  if (typeof value !== 'bigint')
    throw new TypeError(`the ledger holds a ${typeof value} where an integer belongs`)
  return value
}
