import { readNumber } from '../store/database.ts'
import type { Queries, SqlValue } from '../store/database.ts'
import { readPlace } from './call-place.ts'
import type { CallPlace } from './call-place.ts'
import { findStartOfLatest } from './latest-calls.ts'
import type { TimeRange } from './rollup-periods.ts'
import { findSessionTimes } from './session-times.ts'

export interface Conditions {
  readonly conditions: readonly string[]
  readonly values: readonly SqlValue[]
}

/** Calls of a period, behind a place in the list. */
export interface SearchRange extends TimeRange {
  readonly after: CallPlace | null
}

export interface ScanRange {
  /** The place of the last row that a page looks at; null if the list ends before. */
  readonly end: CallPlace | null
  /** The parts that are looked through, none of which overlap. */
  readonly parts: readonly Conditions[]
}

interface ScanBounds {
  readonly session: string | undefined
  /** The largest number of rows to look through. */
  readonly maxRows: number
  /** The number of values that the other conditions of a part have. */
  readonly otherValues: number
}

/** The parts of a range of calls that are looked through, the latest first. The times of a session's calls are known. */
export async function* listScanRanges(
  queries: Queries,
  range: SearchRange,
  { session, maxRows, otherValues }: ScanBounds,
): AsyncGenerator<ScanRange> {
  if (session === undefined) return yield findScanRange(queries, range, maxRows)
  const times = await findSessionTimes(queries, session, range)
  const maxCount = Math.max(1, Math.min(maxTimesPerQuery, Math.floor(maxValues / (otherValues + ownValues))))
  let rows = maxRows
  let count = 1
  // A session can have a call now and then for months, so more and more of its times are read at once.
  for (let at = 0; at < times.length;) {
    const group = times.slice(at, at + count).map((time) => ({ ...range, ...time }))
    const parts = group.map(createRangeConditions)
    const found = await countRows(queries, parts, rows)
    const [first] = group
    if (found < rows) {
      yield { end: null, parts }
      rows -= found
      at += group.length
      count = Math.min(2 * count, maxCount)
    } else if (group.length === 1 && first !== undefined) return yield findScanRange(queries, first, rows)
    else count = Math.floor(group.length / 2)
  }
}

/** SQLite joins at most 500 selections. */
const maxTimesPerQuery = 64
/** SQLite takes 32,766 values in a statement. */
const maxValues = 20_000
/** A part has its times, the place of the page, and that of the rows before. */
const ownValues = 10

/** Counts the rows of these parts, each up to a bound. */
async function countRows(queries: Queries, parts: readonly Conditions[], maxRows: number): Promise<number> {
  const counts = parts.map(
    ({ conditions }) =>
      `SELECT count(*) AS calls FROM (SELECT 1 FROM calls WHERE ${conditions.join(' AND ')} LIMIT ?) AS part`,
  )
  const rows = await queries.query(
    counts.join(' UNION ALL '),
    parts.flatMap(({ values }) => [...values, maxRows]),
  )
  return rows.reduce((sum, row) => sum + readNumber(row, 'calls'), 0)
}

/** Bounds a range of calls to its latest rows. */
async function findScanRange(queries: Queries, range: SearchRange, maxRows: number): Promise<ScanRange> {
  const startMs = await findStartOfLatest(queries, range, maxRows)
  const latest = createRangeConditions({ ...range, startMs })
  const [row] = await queries.query(
    `SELECT started_at_ms, id FROM calls WHERE ${latest.conditions.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET ?`,
    [...latest.values, maxRows - 1],
  )
  if (row === undefined) return { end: null, parts: [latest] }
  const end = readPlace(row)
  const conditions = [...latest.conditions, 'started_at_ms >= ?', '(started_at_ms > ? OR id >= ?)']
  const values = [...latest.values, end.startedAtMs, end.startedAtMs, end.id]
  return { end, parts: [{ conditions, values }] }
}

function createRangeConditions({ startMs, endMs, after }: SearchRange): Conditions {
  const conditions = ['started_at_ms >= ?', 'started_at_ms < ?']
  const values: SqlValue[] = [startMs, endMs]
  if (after !== null) {
    conditions.push('(started_at_ms < ? OR id < ?)')
    values.push(after.startedAtMs, after.id)
  }
  return { conditions, values }
}
