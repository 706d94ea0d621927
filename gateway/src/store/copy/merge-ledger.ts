import { addRollups } from '../../ledger/add-rollups.ts'
import { createCorrectionChange } from '../../ledger/correction-change.ts'
import { readHourChanges } from '../../ledger/hour-changes.ts'
import { rollupDimensions, rollupSpans, summedColumns } from '../../ledger/rollup.ts'
import { readInteger, readNumber, readText } from '../database.ts'
import type { Queries, SqlRow } from '../database.ts'
import { oldRollups, pruneRollups } from '../retention.ts'
import { removedSumsMs, rollupStatements } from '../schema/rollups.ts'
import type { CopiedTable } from './copied-tables.ts'
import { encodeCalls } from './call-values.ts'
import type { CopyTarget } from './row-writer.ts'
import { readPages } from './snapshot.ts'

/** Rows of a backup, their table, and the place that they go to. */
interface Merge {
  readonly source: Queries
  readonly target: CopyTarget
  readonly table: CopiedTable
  /** Called with the rows of every page. */
  readonly onRows: (rows: number) => void
}

/**
 * How an hour of a backup is added to a store. Calls are removed after their retention and their sums stay, so the sums
 * of an hour can contain calls that have no row any more:
 *
 * - `count`: no row is missing on both sides. Missing calls are stored and counted.
 * - `keep`: the store has removed calls of the hour and counts them still. Missing calls and corrections are stored only.
 * - `replace`: the store has nothing of the hour, and the backup has sums of removed calls. Its sums are copied.
 */
export type HourMerge = 'count' | 'keep' | 'replace'

export interface MergePlan {
  /** By the start of the hour. An hour that is not in the plan is counted. */
  readonly hours: ReadonlyMap<number, HourMerge>
  /** Hours of which both sides have calls, and the backup sums of removed calls: these are not added. */
  readonly incompleteHours: number
}

/** Compares the hours of a backup with those of the store. */
export async function planMerge(source: Queries, target: Queries): Promise<MergePlan> {
  const [given, own] = [await countHours(source), await countHours(target)]
  const hours = new Map<number, HourMerge>()
  let incompleteHours = 0
  for (const [hourMs, backup] of given) {
    const stored = own.get(hourMs)
    if (stored !== undefined && stored.summed > stored.rows) hours.set(hourMs, 'keep')
    else if (backup.summed <= backup.rows) hours.set(hourMs, 'count')
    else if (stored === undefined) hours.set(hourMs, 'replace')
    else incompleteHours += 1
  }
  return { hours, incompleteHours }
}

interface HourCount {
  /** Calls in the sums of the hour. */
  readonly summed: number
  readonly rows: number
}

async function countHours(queries: Queries): Promise<ReadonlyMap<number, HourCount>> {
  const sums = await queries.query(
    `SELECT start_ms, CAST(sum(calls) AS BIGINT) AS calls FROM rollups
     WHERE span = 'hour' AND start_ms >= ${removedSumsMs} GROUP BY start_ms`,
  )
  // The row of a billed attempt is not one of a call.
  const rows = await queries.query(
    `SELECT started_at_ms / ${rollupSpans.hour} AS hour, count(*) AS calls FROM calls
     WHERE id NOT LIKE '%#%' GROUP BY started_at_ms / ${rollupSpans.hour}`,
  )
  const counted = new Map(
    rows.map((row) => [readNumber(row, 'hour') * rollupSpans.hour, readNumber(row, 'calls')]),
  )
  return new Map(
    sums.map((row) => {
      const startMs = readNumber(row, 'start_ms')
      return [startMs, { summed: readNumber(row, 'calls'), rows: counted.get(startMs) ?? 0 }]
    }),
  )
}

/**
 * Lets a store keep sums of months that its retention has removed, if a backup has some. What an interrupted removal has
 * left of them is removed first.
 */
export async function reopenRemovedMonths(source: Queries, target: Queries): Promise<void> {
  const [removed] = await target.query(`SELECT ${removedSumsMs} AS before_ms`)
  const beforeMs = removed === undefined ? 0 : readNumber(removed, 'before_ms')
  const found = await source.query(
    `SELECT 1 AS found FROM rollups WHERE span = 'hour' AND start_ms >= ${removedSumsMs} AND start_ms < ? LIMIT 1`,
    [beforeMs],
  )
  if (found.length === 0) return
  while ((await target.query(`SELECT 1 AS found FROM ${oldRollups} LIMIT 1`, [beforeMs])).length > 0)
    await target.query(pruneRollups, [beforeMs, rowsPerRemoval])
  // Their amounts were in the removed sums. Those of the backup come back.
  await target.query('DELETE FROM corrections WHERE started_at_ms < ?', [beforeMs])
  await target.query("DELETE FROM rollup_progress WHERE name = 'removed_sums'")
}

const rowsPerRemoval = 1_000

/** Adds corrections that are missing, and their amounts to the sums that lack them; then copies the sums of the backup. */
export async function mergeCorrections(
  { source, target, table, onRows }: Merge,
  plan: MergePlan,
): Promise<void> {
  for await (const page of readPages(source, table)) {
    const missing = await findMissing(target.queries, table, page)
    const isCounted = (row: SqlRow) => countsRow(plan, row)
    await target.rows.insert(
      table,
      missing.filter((row) => !isCounted(row)),
    )
    const counted = missing.filter(isCounted)
    if (counted.length > 0)
      await target.queries.transaction(async (queries) => {
        for (const row of counted) await insertCorrection(queries, table, row)
      })
    onRows(page.length)
  }
  await copySums(source, target, plan)
}

async function insertCorrection(queries: Queries, { columns }: CopiedTable, row: SqlRow): Promise<void> {
  const names = columns.map(({ name }) => name)
  await queries.query(
    `INSERT INTO corrections (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    names.map((name) => row[name] ?? null),
  )
  const change = createCorrectionChange({
    startedAtMs: readNumber(row, 'started_at_ms'),
    dimensions: rollupDimensions.map((name) => readText(row, name)),
    unpriced: readInteger(row, 'unpriced'),
    amounts: summedColumns.map((name) => readInteger(row, name)),
  })
  await addRollups(queries, [change])
}

/** Copies the sums of hours of which the store has nothing, and that cannot be computed from rows. */
async function copySums(source: Queries, { sink }: CopyTarget, { hours }: MergePlan): Promise<void> {
  for (const [hourMs, how] of hours)
    if (how === 'replace') {
      const rows = await source.query(rollupStatements.readHour, [hourMs])
      await sink.restore({ calls: [], sums: readHourChanges(hourMs, rows) })
    }
}

/** Stores the calls that are missing, when the corrections and the sums of their hours are there. */
export async function mergeCalls({ source, target, table, onRows }: Merge, plan: MergePlan): Promise<void> {
  for await (const page of readPages(source, table)) {
    const missing = await findMissing(target.queries, table, page)
    const isCounted = (row: SqlRow) => countsRow(plan, row)
    const counted = encodeCalls(missing.filter(isCounted))
    if (counted.length > 0)
      await target.sink.ingest({
        calls: counted,
        opened: [],
        closed: [],
        changes: [],
        rejections: [],
        positions: [],
      })
    const others = encodeCalls(missing.filter((row) => !isCounted(row)))
    if (others.length > 0) await target.sink.restore({ calls: others, sums: [] })
    onRows(page.length)
  }
}

/** Whether a missing row is added to the sums of its hour. */
function countsRow(plan: MergePlan, row: SqlRow): boolean {
  return (plan.hours.get(findHour(row)) ?? 'count') === 'count'
}

function findHour(row: SqlRow): number {
  return Math.floor(readNumber(row, 'started_at_ms') / rollupSpans.hour) * rollupSpans.hour
}

/** The rows of a page that the store does not have. Both tables have ids and times. */
async function findMissing(
  queries: Queries,
  { name }: CopiedTable,
  page: readonly SqlRow[],
): Promise<readonly SqlRow[]> {
  const known = new Set<string>()
  for (let at = 0; at < page.length; at += idsPerQuery) {
    const part = page.slice(at, at + idsPerQuery)
    const times = part.map((row) => readNumber(row, 'started_at_ms'))
    // PostgreSQL looks only into the days between these times.
    const found = await queries.query(
      `SELECT id FROM ${name} WHERE started_at_ms >= ? AND started_at_ms <= ?
       AND id IN (${part.map(() => '?').join(', ')})`,
      [Math.min(...times), Math.max(...times), ...part.map((row) => readText(row, 'id'))],
    )
    for (const row of found) known.add(readText(row, 'id'))
  }
  return page.filter((row) => !known.has(readText(row, 'id')))
}

const idsPerQuery = 500
