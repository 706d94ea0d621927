import type { Queries, Reader, SqlValue } from '../store/database.ts'
import { findStartOfLatest } from './latest-calls.ts'
import type { TimeRange } from './rollup-periods.ts'
import { joinHalves, readIntegers, sumInHalves } from './rollup-rows.ts'
import { filterColumns, filterNames, ownWorkspace } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'
import { readUsage } from './usage-report.ts'

export interface LedgerCheck {
  /** Rows of calls, billed attempts and corrections that match. */
  readonly rows: number
  readonly costNanoUsd: bigint
  /** The cost that a report has for the same time. */
  readonly usageNanoUsd: bigint
  /** The rows are those of calls that began at this time or later. */
  readonly sinceMs: number
  /** False if the period begins before `sinceMs`, because it has more rows than are read. */
  readonly isComplete: boolean
}

/** Rows that are read at least, if the period has so many: they need less than 0.2 s. */
const maxRows = 100_000

/** Adds up the cost of the latest single rows of a period, independent of the rollups: the check of a report. */
export function checkLedger(reader: Reader, period: Period, filter: UsageFilter): Promise<LedgerCheck> {
  return reader.snapshot(async (queries) => {
    const { sinceMs, untilMs } = period
    const startMs = await findStartOfLatest(queries, { startMs: sinceMs, endMs: untilMs }, maxRows)
    const range = { startMs, endMs: untilMs }
    const calls = await sumRows(queries, 'calls', range, filter)
    const corrections = await sumRows(queries, 'corrections', range, filter)
    const [usage] = await readUsage(queries, { by: [], period: { sinceMs: startMs, untilMs }, filter })
    return {
      rows: calls.rows + corrections.rows,
      costNanoUsd: calls.costNanoUsd + corrections.costNanoUsd,
      usageNanoUsd: usage?.costNanoUsd ?? 0n,
      sinceMs: startMs,
      isComplete: startMs === sinceMs,
    }
  })
}

async function sumRows(
  queries: Queries,
  table: 'calls' | 'corrections',
  { startMs, endMs }: TimeRange,
  filter: UsageFilter,
): Promise<Pick<LedgerCheck, 'rows' | 'costNanoUsd'>> {
  const matching = filterNames.filter((name) => filter[name] !== undefined)
  const conditions = matching.map(
    (name) => `${name === 'workspace' ? ownWorkspace : filterColumns[name]} = ?`,
  )
  const values = matching.map((name): SqlValue => filter[name] ?? null)
  if (filter.anyWorkspace !== undefined) {
    const ids = [...filter.anyWorkspace]
    conditions.push(`${ownWorkspace} IN (${ids.map(() => '?').join(', ') || 'NULL'})`)
    values.push(...ids)
  }
  const [row = []] = await queries.queryArrays(
    `SELECT count(*), ${sumInHalves('cost_nano_usd')} FROM ${table}
     WHERE ${['started_at_ms >= ?', 'started_at_ms < ?', ...conditions].join(' AND ')}`,
    [startMs, endMs, ...values],
  )
  const [costNanoUsd = 0n] = joinHalves(readIntegers(row, 1))
  return { rows: Number(row[0]), costNanoUsd }
}
