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
  readonly range: Conditions
}

interface ScanBounds {
  readonly session: string | undefined
  /** The largest number of rows to look through. */
  readonly maxRows: number
}

/** The parts of a range of calls that are looked through, the latest first. The times of a session's calls are known. */
export async function* listScanRanges(
  queries: Queries,
  range: SearchRange,
  { session, maxRows }: ScanBounds,
): AsyncGenerator<ScanRange> {
  if (session === undefined) return yield findScanRange(queries, range, maxRows)
  let rows = maxRows
  for (const part of await findSessionTimes(queries, session, range)) {
    const scan = await findScanRange(queries, { ...range, ...part }, rows)
    yield scan
    if (scan.end !== null) return
    rows -= await countRows(queries, scan.range)
  }
}

async function countRows(queries: Queries, { conditions, values }: Conditions): Promise<number> {
  const [row] = await queries.query(
    `SELECT count(*) AS calls FROM calls WHERE ${conditions.join(' AND ')}`,
    values,
  )
  return row === undefined ? 0 : readNumber(row, 'calls')
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
  if (row === undefined) return { end: null, range: latest }
  const end = readPlace(row)
  return {
    end,
    range: {
      conditions: [...latest.conditions, 'started_at_ms >= ?', '(started_at_ms > ? OR id >= ?)'],
      values: [...latest.values, end.startedAtMs, end.startedAtMs, end.id],
    },
  }
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
