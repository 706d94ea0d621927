import { readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import type { Component } from './call-row.ts'
import { maxScannedRows } from './call-search.ts'
import { findStartOfLatest } from './latest-calls.ts'
import type { CallSearch } from './call-search.ts'
import { parseLines } from './row-codec.ts'
import { ownWorkspace } from './usage-filter.ts'

/** The calls of one session in the period that was looked through. */
export interface SessionSums {
  readonly id: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly calls: number
  readonly agents: number
  readonly models: readonly string[]
  readonly failed: number
  readonly costNanoUsd: bigint
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
}

/** A part of the sessions: at most so many, from behind the place of one of them. */
export interface SessionPage {
  readonly limit: number
  readonly after: SessionPlace | null
}

/** The start of the last call of a session, and the id of the session. */
export type SessionPlace = readonly [lastAtMs: number, id: string]

/** Sums the sessions of the latest calls of a period, the latest session first. */
export async function listSessions(
  queries: Queries,
  search: CallSearch,
  { limit, after }: SessionPage,
): Promise<readonly SessionSums[]> {
  const range = { startMs: search.sinceMs ?? 0, endMs: search.untilMs ?? Number.MAX_SAFE_INTEGER }
  const startMs = await findStartOfLatest(queries, range, maxScannedRows)
  const rows = await queries.query(
    `SELECT started_at_ms, id, session_id, agent_id, model, key_id, ${ownWorkspace} AS workspace_id,
       member_id, outcome, cost_nano_usd, lines
     FROM calls WHERE started_at_ms >= ? AND started_at_ms < ? AND session_id IS NOT NULL AND outcome IS NOT NULL
     ORDER BY started_at_ms DESC, id DESC LIMIT ${maxScannedRows}`,
    [startMs, range.endMs],
  )
  const sessions = new Map<string, SqlRow[]>()
  for (const row of rows) {
    if (typeof row['session_id'] !== 'string' || !matches(row, search)) continue
    const session = sessions.get(row['session_id'])
    if (session === undefined) sessions.set(row['session_id'], [row])
    else session.push(row)
  }
  const places = [...sessions].map(([id, [last]]): SessionPlace => [readStart(last), id])
  return places
    .filter((place) => after === null || comparePlaces(after, place) < 0)
    .toSorted(comparePlaces)
    .slice(0, limit)
    .map(([, id]) => sumSession(id, sessions.get(id) ?? []))
}

/** The calls of a session begin with its last one. */
function readStart(last: SqlRow | undefined): number {
  return last === undefined ? 0 : readNumber(last, 'started_at_ms')
}

/** The latest place first. */
function comparePlaces([oneMs, oneId]: SessionPlace, [otherMs, otherId]: SessionPlace): number {
  if (oneMs !== otherMs) return otherMs - oneMs
  return oneId === otherId ? 0 : oneId > otherId ? -1 : 1
}

function matches(row: SqlRow, search: CallSearch): boolean {
  const { visibleWorkspaces } = search
  const wanted: readonly (readonly [string, SqlValue | undefined])[] = [
    ['key_id', search.key],
    ['workspace_id', search.workspace],
    ['member_id', search.member],
    ['model', search.model],
  ]
  if (visibleWorkspaces && !visibleWorkspaces.includes(String(row['workspace_id']))) return false
  return wanted.every(([column, value]) => value === undefined || row[column] === value)
}

function sumSession(id: string, rows: readonly SqlRow[]): SessionSums {
  const times = rows.map((row) => readNumber(row, 'started_at_ms'))
  const lines = rows.map((row) => parseLines(readNullable(row, 'lines', readText)))
  const sum = (...names: readonly Component[]) =>
    lines.reduce(
      (total, found) => total + names.reduce((part, name) => part + Number(found[name]?.quantity ?? 0), 0),
      0,
    )
  return {
    id,
    firstAtMs: Math.min(...times),
    lastAtMs: Math.max(...times),
    calls: rows.filter((row) => !readText(row, 'id').includes('#')).length,
    agents: new Set(rows.map((row) => row['agent_id']).filter((agent) => agent !== null)).size,
    models: [...new Set(rows.map((row) => readText(row, 'model')))],
    failed: rows.filter((row) => row['outcome'] !== 'answered').length,
    costNanoUsd: rows.reduce(
      (total, row) => total + (typeof row['cost_nano_usd'] === 'bigint' ? row['cost_nano_usd'] : 0n),
      0n,
    ),
    inputTokens: sum('input'),
    cacheReadTokens: sum('cache_read'),
    cacheWriteTokens: sum('cache_write_5m', 'cache_write_1h'),
    outputTokens: sum('output'),
  }
}
