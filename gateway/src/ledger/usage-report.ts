import type { DatabaseSync } from 'node:sqlite'

import { getDay } from '../clock.ts'
import { callOutcomes, components, parseRowId } from './call-row.ts'
import type { Component } from './call-row.ts'
import { listKeys } from '../store/sqlite/key-table.ts'

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
  /** Calls with a full or partial response that has no price, or a part without one; the cost excludes it. */
  readonly unpricedCalls: bigint
  /** Calls whose output tokens were estimated, because their stream was cut before it reported them. */
  readonly estimatedCalls: bigint
  /** The name of a stored key, and its rejected calls by error code; only if grouped by key. */
  readonly key: KeyUsage | null
}

export interface KeyUsage {
  readonly name: string | null
  readonly rejectedCalls: Readonly<Record<string, bigint>>
}

export interface Period {
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
}

/** Sums the ledger, most expensive group first. Counts and money are integer sums, read as bigint. */
export function readUsage(database: DatabaseSync, by: Grouping, period: Period): readonly UsageRow[] {
  const statement = database.prepare(`
    SELECT ${groupings[by]} AS "group", count(*) FILTER (WHERE ${isCall}) AS calls,
      ${outcomes.map((name) => `count(*) FILTER (WHERE ${isCall} AND coalesce(outcome, 'running') = '${name}') AS ${name}`).join(', ')},
      ${[...components.map((name) => `${name}_quantity`), 'cost_nano_usd'].map(sumInHalves).join(', ')},
      count(*) FILTER (WHERE unpriced_because IS NOT NULL
        OR (cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered'))) AS unpriced,
      count(*) FILTER (WHERE usage_source = 'estimated') AS estimated
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
    estimatedCalls: readInteger(row['estimated']),
    key: null,
  }))
  const described = by === 'key' ? describeKeys(database, rows, period) : rows
  // The sort is stable: groups of equal cost keep the order of the query.
  return described.toSorted(
    (one, other) => Number(one.costNanoUsd < other.costNanoUsd) - Number(one.costNanoUsd > other.costNanoUsd),
  )
}

/** Adds the keys' names and rejected calls, and the keys that have rejected calls only. */
function describeKeys(
  database: DatabaseSync,
  rows: readonly UsageRow[],
  period: Period,
): readonly UsageRow[] {
  const names = new Map(listKeys(database).map(({ id, name }) => [id, name]))
  const rejected = readRejectedCalls(database, period)
  const idle = [...rejected.keys()].filter((id) => rows.every(({ group }) => group !== id))
  return [...rows, ...idle.map(createEmptyRow)].map((row) => ({
    ...row,
    key: { name: names.get(row.group) ?? null, rejectedCalls: rejected.get(row.group) ?? {} },
  }))
}

/** By key and error code. Rejections are counted by day (UTC), so a period of part of a day includes all of it. */
function readRejectedCalls(
  database: DatabaseSync,
  { sinceMs, untilMs }: Period,
): ReadonlyMap<string, Record<string, bigint>> {
  const statement = database.prepare(`
    SELECT key_id, code, sum(calls) AS calls FROM rejected_calls
    WHERE day BETWEEN ? AND ? GROUP BY key_id, code ORDER BY calls DESC`)
  statement.setReadBigInts(true)
  const found = new Map<string, Record<string, bigint>>()
  for (const row of statement.all(
    getDay(Math.min(sinceMs, lastDayMs)),
    getDay(Math.min(untilMs - 1, lastDayMs)),
  )) {
    const codes = found.get(String(row['key_id'])) ?? {}
    codes[String(row['code'])] = readInteger(row['calls'])
    found.set(String(row['key_id']), codes)
  }
  return found
}

/** Years of more than four digits do not sort as text. */
const lastDayMs = Date.UTC(9999, 11, 31)

function createEmptyRow(group: string): UsageRow {
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0n]))
  return {
    group,
    calls: 0n,
    outcomes: zeros(outcomes),
    quantities: zeros(components) as Record<Component, bigint>, // It has every component.
    costNanoUsd: 0n,
    unpricedCalls: 0n,
    estimatedCalls: 0n,
    key: null,
  }
}

/** SQLite's sum() fails above 64 bits; a few absurd values of an upstream must not make all usage unreadable. */
function sumInHalves(column: string): string {
  return `coalesce(sum(${column} >> 32), 0) AS ${column}_high, coalesce(sum(${column} & 4294967295), 0) AS ${column}_low`
}

function readSum(row: Readonly<Record<string, unknown>>, column: string): bigint {
  return (readInteger(row[`${column}_high`]) << 32n) + readInteger(row[`${column}_low`])
}

/** False for the row of a billed attempt from which its call moved on: it costs money and is no call. */
const isCall = "(id NOT GLOB 'req_*#*' OR id GLOB '*/*')"

/** Reads stored calls and billed attempts, newest first; integers are bigint. `attempt` is null for a call. */
export function readCalls(database: DatabaseSync, period: Period, limit: number): readonly StoredCall[] {
  const statement = database.prepare(
    'SELECT * FROM all_calls WHERE started_at_ms >= ? AND started_at_ms < ? ORDER BY started_at_ms DESC, id LIMIT ?',
  )
  statement.setReadBigInts(true)
  // STRICT tables without BLOB or REAL columns contain only these types.
  const rows = statement.all(period.sinceMs, period.untilMs, limit) as StoredCall[]
  return rows.map((row) => {
    const { callId, attempt } = parseRowId(String(row['id']))
    return { ...row, id: callId, attempt: attempt === null ? null : BigInt(attempt) }
  })
}

export type StoredCall = Readonly<Record<string, string | bigint | null>>

export const outcomes = [...callOutcomes, 'running'] as const

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
