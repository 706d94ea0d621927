import type { Reader } from '../store/database.ts'
import { findCalendarSpan, findSpanStart } from './calendar.ts'
import type { CalendarUnit } from './calendar.ts'
import { foldRows, rankValues, subtractRows } from './fold-usage.ts'
import type { FoldedRow, KeptValues } from './fold-usage.ts'
import type { TimeRange } from './rollup-periods.ts'
import { rollupSpans } from './rollup.ts'
import { countGroups, findSummedHours } from './rollup-sums.ts'
import { findDimensions, openUsageSource, readUsage } from './usage-report.ts'
import type { UsageQuery } from './usage-report.ts'
import { createEmptyRow, isTime, timeUnits } from './usage-row.ts'
import type { UsageRow } from './usage-row.ts'

export interface UsagePageQuery extends UsageQuery {
  /** The values of each grouping, except times, that have rows of their own (`foldRows`); null: every value. */
  readonly top: number | null
  /** The largest number of rows. A page has at least one unit of time, whatever its number of rows. */
  readonly limit: number
  /** The `next` of the page before; null: the first page. */
  readonly after: number | null
}

export interface UsagePage {
  readonly rows: readonly FoldedRow[]
  /** The sum of all pages. */
  readonly total: UsageRow
  /** The start of the next unit of time in milliseconds, or the number of the next row; null: this is the last page. */
  readonly next: number | null
}

/** Reads a page of `readUsage` with the sum of all pages, from one state of the store. */
export function readUsagePage(
  reader: Reader,
  query: UsagePageQuery,
  maxSums = maxSumsAtOnce,
): Promise<UsagePage> {
  return reader.snapshot(async (queries) => {
    const dimensions = findDimensions(query)
    const source = await openUsageSource(queries, dimensions)
    const read: Read = (given) => readUsage(queries, given, source)
    const [total = createEmptyRow([], [])] = await read({ ...query, by: [] })
    const unit = timeUnits.find((one) => query.by.includes(one))
    if (unit === undefined) return { ...(await readRows(read, query)), total }
    const units: Units = { unit, ...(await findSummedHours(queries)) }
    const isSmall = countUnits(query.period, units) * (await countGroups(queries, dimensions)) <= maxSums
    const rows = isSmall ? await readAtOnce(read, query, unit) : null
    return { ...(rows ?? (await readUnits(read, query, units))), total }
  })
}

/** So few sums are read at once: ranking the values first would read the same hours. */
const maxSumsAtOnce = 4_000

type Read = (query: UsageQuery) => Promise<readonly UsageRow[]>

type Rows = Omit<UsagePage, 'total'>

/** Rows that no unit of time divides: the page after is read again from the first row on. */
async function readRows(read: Read, { top, limit, after, ...query }: UsagePageQuery): Promise<Rows> {
  const rows = foldRows(await read(query), query.by, top)
  const from = after ?? 0
  const next = from + limit
  return { rows: rows.slice(from, next), next: next < rows.length ? next : null }
}

interface Units extends TimeRange {
  readonly unit: CalendarUnit
}

/** At most so many units of time have calls. */
function countUnits(period: UsageQuery['period'], { unit, startMs, endMs }: Units): number {
  const lengthMs = Math.min(period.untilMs, endMs) - Math.max(period.sinceMs, startMs)
  return lengthMs / (unit === 'hour' ? rollupSpans.hour : rollupSpans.day)
}

/** Reads all units of time, the rest of the values last in each; null if that is not the first page, or more than one. */
async function readAtOnce(
  read: Read,
  { top, limit, after, ...query }: UsagePageQuery,
  unit: CalendarUnit,
): Promise<Rows | null> {
  if (after !== null || top === null) return null
  const at = query.by.indexOf(unit)
  const folded = foldRows(await read(query), query.by, top)
  if (folded.length > limit) return null
  const isRest = ({ others }: FoldedRow) => others.some((count) => count > 0)
  const rows = [...Map.groupBy(folded, ({ group }) => group[at]).values()].flatMap((own) => [
    ...own.filter((row) => !isRest(row)),
    ...own.filter(isRest),
  ])
  return { rows, next: null }
}

/**
 * Reads units of time until the page is full: one at first, then as many as fit by the number of rows so far. Before the
 * first and after the last hour that has sums there are only calls that run.
 */
async function readUnits(read: Read, query: UsagePageQuery, { unit, startMs, endMs }: Units): Promise<Rows> {
  const { by, period, timeZone = 'UTC', top, limit, after } = query
  const readPart = await createPartReader(read, query)
  const lastMs = Math.min(endMs, period.untilMs)
  const at = by.indexOf(unit)
  const rows: FoldedRow[] = []
  let units = 0
  let expected = by.every(isTime) ? limit : Math.floor(limit / ((top ?? limit) + 1))
  for (let fromMs = after ?? period.sinceMs; ;) {
    let toMs = findCalendarSpan(Math.max(fromMs, startMs), unit, timeZone).endMs
    for (let count = 1; count < expected && toMs < lastMs; count += 1)
      toMs = findCalendarSpan(toMs, unit, timeZone).endMs
    if (toMs >= lastMs) toMs = period.untilMs
    const found = await readPart({ sinceMs: fromMs, untilMs: toMs })
    for (const [name, own] of Map.groupBy(found, ({ group }) => group[at] ?? '')) {
      if (rows.length > 0 && rows.length + own.length > limit)
        return { rows, next: findSpanStart(name, unit, timeZone) }
      rows.push(...own)
      units += 1
    }
    if (toMs === period.untilMs) return { rows, next: null }
    if (rows.length >= limit) return { rows, next: toMs }
    expected = Math.floor(((limit - rows.length) * units) / Math.max(1, rows.length))
    fromMs = toMs
  }
}

type ReadPart = (period: UsageQuery['period']) => Promise<readonly FoldedRow[]>

/**
 * Returns a function that reads the rows of a part of the period. Rows of values that are not kept are not read: they are
 * the rest of the sum of each unit of time.
 */
async function createPartReader(read: Read, query: UsagePageQuery): Promise<ReadPart> {
  const { by, top } = query
  const at = by.findIndex((grouping) => !isTime(grouping))
  const grouping = by[at]
  const kept =
    grouping === undefined || top === null
      ? null
      : rankValues(await read({ ...query, by: [grouping], withoutComponents: true }), { at: 0, top })
  if (grouping === undefined || kept === null || kept.others === 0)
    return async (period) => foldRows(await read({ ...query, period }), by, null)
  const only = { grouping, values: kept.values }
  return async (period) => {
    const rows = await read({ ...query, period, only })
    const byTime = Map.groupBy(rows, ({ group }) => group[1 - at] ?? null)
    const all = await read({ ...query, period, by: by.filter(isTime) })
    return all.flatMap((sum) => divideSum(sum, byTime.get(sum.group[0] ?? null) ?? [], { at, kept }))
  }
}

/** The rows of a unit of time: `own`, those of the kept values, and one for the rest of its sum. */
function divideSum(
  sum: UsageRow,
  own: readonly UsageRow[],
  { at, kept }: { readonly at: number; readonly kept: KeptValues },
): readonly FoldedRow[] {
  const [time = null] = sum.group
  const rest = own.reduce(subtractRows, sum)
  const folded = own.map((row) => ({ ...row, others: [0, 0] }))
  if (isEmpty(rest)) return folded
  const place = (value: string | null) => (at === 0 ? [null, value] : [value, null])
  const others = at === 0 ? [kept.others, 0] : [0, kept.others]
  return [...folded, { ...rest, group: place(time), names: [null, null], others }]
}

function isEmpty({ calls, attempts, costNanoUsd, quantities, costs, unpricedCalls }: UsageRow): boolean {
  const sums = [
    calls,
    attempts,
    costNanoUsd,
    unpricedCalls,
    ...Object.values(quantities),
    ...Object.values(costs),
  ]
  return sums.every((value) => value === 0n)
}
