import { readNumber, readText } from '../store/database.ts'
import type { Queries, SqlValue } from '../store/database.ts'
import { filterColumns, filterNames } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export interface LedgerSum {
  /** Rows of calls and billed attempts that match. */
  readonly rows: number
  readonly costNanoUsd: bigint
  /** False if the period has more rows than this looks at. */
  readonly isComplete: boolean
}

/** Rows of one step: other statements run between steps. */
const stepRows = 20_000
const maxSteps = 50

/**
 * Adds up the cost of single rows, independent of the rollups: the check of a report. It reads at most a million rows of
 * the period.
 */
export async function sumLedger(queries: Queries, period: Period, filter: UsageFilter): Promise<LedgerSum> {
  const matching = filterNames.filter((name) => filter[name] !== undefined)
  const isMatch = matching.map((name) => `${filterColumns[name]} = ?`).join(' AND ') || '1 = 1'
  const wanted = matching.map((name): SqlValue => filter[name] ?? null)
  let place: { readonly atMs: number; readonly id: string } = { atMs: period.sinceMs, id: '' }
  let sum: LedgerSum = { rows: 0, costNanoUsd: 0n, isComplete: true }
  for (let step = 0; step < maxSteps; step += 1) {
    const rows = await queries.query(
      `SELECT started_at_ms, id, cost_nano_usd, CASE WHEN ${isMatch} THEN 1 ELSE 0 END AS matches
       FROM calls WHERE started_at_ms >= ? AND (started_at_ms > ? OR id > ?) AND started_at_ms < ?
       ORDER BY started_at_ms, id LIMIT ${stepRows}`,
      [...wanted, place.atMs, place.atMs, place.id, period.untilMs],
    )
    for (const row of rows) {
      if (Number(row['matches']) !== 1) continue
      const cost = row['cost_nano_usd']
      sum = {
        ...sum,
        rows: sum.rows + 1,
        costNanoUsd: sum.costNanoUsd + (typeof cost === 'bigint' ? cost : 0n),
      }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < stepRows) return sum
    place = { atMs: readNumber(last, 'started_at_ms'), id: readText(last, 'id') }
  }
  return { ...sum, isComplete: false }
}
