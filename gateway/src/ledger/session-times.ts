import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { CallValues } from './rollup.ts'
import { callColumns } from './row-codec.ts'

/** A stretch of ten minutes (UTC), by its start, in which a session has calls. */
export type SessionTime = readonly [session: string, atMs: number]

/** The stretches in which the calls of sessions began, each once, in the order of their key. */
export function listSessionTimes(calls: Iterable<CallValues>): readonly SessionTime[] {
  const found = new Map<string, SessionTime>()
  for (const values of calls) {
    const session = values[sessionAt] ?? null
    if (session === null) continue
    const time: SessionTime = [String(session), floorStretch(Number(values[startAt]))]
    found.set(time.join(' '), time)
  }
  return [...found.values()].toSorted(compareTimes)
}

function compareTimes([one, oneMs]: SessionTime, [other, otherMs]: SessionTime): number {
  if (one === other) return oneMs - otherMs
  return one < other ? -1 : 1
}

/** Finds the parts of a period in which a session may have calls, the latest first. */
export async function findSessionTimes(
  queries: Queries,
  session: string,
  { startMs, endMs }: TimeRange,
): Promise<readonly TimeRange[]> {
  const rows = await queries.query(
    'SELECT at_ms FROM session_times WHERE session_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms DESC',
    [session, floorStretch(startMs), endMs],
  )
  const ranges: TimeRange[] = []
  for (const row of rows) {
    const atMs = readNumber(row, 'at_ms')
    const later = ranges.at(-1)
    // Stretches that follow each other are read at once.
    if (later?.startMs === atMs + stretchMs) ranges[ranges.length - 1] = { ...later, startMs: atMs }
    else ranges.push({ startMs: atMs, endMs: atMs + stretchMs })
  }
  return ranges.map((range) => ({
    startMs: Math.max(range.startMs, startMs),
    endMs: Math.min(range.endMs, endMs),
  }))
}

function floorStretch(timeMs: number): number {
  return Math.floor(timeMs / stretchMs) * stretchMs
}

export const stretchMs = 600_000

const sessionAt = callColumns.indexOf('session_id')
const startAt = callColumns.indexOf('started_at_ms')
