import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { removedSumsMs, rollupStatements } from '../store/schema/rollups.ts'
import { createCallSums } from './call-sums.ts'
import type { SumCalls } from './call-sums.ts'
import { createHourPartReader } from './hour-parts.ts'
import { getMeasure, rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { getGroupLevel } from './rollup-levels.ts'
import type { RollupLevel } from './rollup-levels.ts'
import {
  allHours,
  ceilHour,
  chooseHours,
  chooseLevel,
  chooseLevels,
  findWholeUnits,
  floorHour,
  splitPeriod,
} from './rollup-periods.ts'
import type { PeriodPart, TimeRange } from './rollup-periods.ts'
import { createRowReader } from './rollup-rows.ts'
import type { GroupSums, RowReader, UnitSums, Wanted } from './rollup-rows.ts'
import { subtractSums } from './subtract-sums.ts'

export interface SumReader {
  /** From the first to the last hour (UTC) with calls. */
  readonly summed: TimeRange
  /**
   * Sums the calls of a period by group. A time in an hour whose calls may have been pruned is rounded down to the hour.
   */
  sum(range: TimeRange): Promise<readonly GroupSums[]>
  /** The same for periods, in their order. The hours of many short periods are read in one statement if the groups are few. */
  sumEach(ranges: readonly TimeRange[]): AsyncGenerator<readonly GroupSums[]>
  /**
   * Sums the calls of a period of whole hours by group and by stretches of this width from its start, in one statement.
   * Null if the stretches are days, and the dimensions have so many groups that reading sums of days is faster; and if
   * many hours are not derived yet.
   */
  listHours(range: TimeRange, widthMs: number): Promise<readonly UnitSums[] | null>
  /** Sums the calls of the days or months (UTC) of a period, in one statement for all of them. Null if there are none. */
  listUnits(unit: 'day' | 'month', range: TimeRange): Promise<ListedUnits | null>
  /** Sums the cost of the calls of each hour (UTC) of a period of whole hours, in nano-dollars, by the start of the hour. */
  sumCostByHour(range: TimeRange): Promise<ReadonlyMap<number, bigint>>
}

export interface ListedUnits {
  /** The part of the period that the sums cover. */
  readonly range: TimeRange
  readonly sums: readonly UnitSums[]
}

/**
 * Reads sums from the coarsest levels that have the wanted dimensions and fit into a period. An hour that the period
 * cuts is summed from its calls, as long as they are kept: an hour whose calls may have been pruned belongs to the
 * period in which it ends. Several readers can share `sumCalls`, if it has the dimensions of all.
 */
export async function createSumReader(
  queries: Queries,
  wanted: Wanted,
  sumCalls: SumCalls = createCallSums(queries, wanted.dimensions),
): Promise<SumReader> {
  const { dimensions } = wanted
  const levels = chooseLevels(dimensions)
  const untilMs = await readProgress(queries)
  const summed = await findSummedHours(queries)
  const rows = createRowReader(queries, wanted)
  const sumPartOfHour = createHourPartReader(sumCalls, rows, { ...wanted, untilMs })
  const listHours = createHourLister(rows, untilMs)
  const bound = createBounds(queries, summed)

  /** Runs `read` with the last day and month read whole, and again without if another hour was derived meanwhile. */
  async function readUnchanged<Result>(read: (withOpenUnits: boolean) => Promise<Result>): Promise<Result> {
    const result = await read(true)
    return (await readProgress(queries)) === untilMs ? result : read(false)
  }

  async function sumParts(parts: readonly PeriodPart[]): Promise<readonly GroupSums[]> {
    const sums: GroupSums[] = []
    const subtracted: GroupSums[] = []
    for (const { level, isSubtracted = false, ...range } of parts) {
      const found = level === 'calls' ? sumPartOfHour(range) : rows.sum(level, range)
      for (const one of await found) (isSubtracted ? subtracted : sums).push(one)
    }
    return subtracted.length === 0 ? sums : subtractSums(sums, subtracted, dimensions)
  }

  async function sum(range: TimeRange): Promise<readonly GroupSums[]> {
    const period = await bound(range)
    const split = (withOpenUnits: boolean) =>
      splitPeriod(period, { levels, sinceMs: summed.startMs, untilMs, withOpenUnits })
    if (period.endMs < untilMs || period.startMs >= untilMs) return sumParts(split(false))
    return readUnchanged((withOpenUnits) => sumParts(split(withOpenUnits)))
  }

  return {
    summed,
    sum,
    sumEach: createEachReader(rows, { sum, level: chooseHours(dimensions), untilMs }),
    async listHours(range, widthMs) {
      const [hours, ...longer] = levels.toReversed()
      // Days are summed from longer spans, hours cannot be.
      if (hours === undefined || (longer.length > 0 && widthMs > rollupSpans.hour)) return null
      const derivedMs = Math.min(Math.max(untilMs, range.startMs), range.endMs)
      if (range.endMs - derivedMs > maxUnderivedMs) return null
      return listHours(hours, range, widthMs)
    },
    async listUnits(unit, range) {
      const level = chooseLevel(unit, dimensions)
      if (level === undefined) return null
      const { startMs, endMs } = await bound(range)
      return readUnchanged(async (withOpenUnits) => {
        const isOpen = withOpenUnits && endMs >= untilMs
        const covered = findWholeUnits({ startMs, endMs: Math.min(endMs, untilMs) }, unit, isOpen)
        return covered.startMs >= covered.endMs
          ? null
          : { range: covered, sums: await rows.list(level, covered) }
      })
    },
    async sumCostByHour(range) {
      const costs = new Map<number, bigint>()
      const kept = { ...range, startMs: Math.max(range.startMs, summed.startMs) }
      const listed = await listHours(chooseHours(dimensions), kept, rollupSpans.hour)
      for (const { startMs: hourMs, measures } of listed)
        costs.set(hourMs, (costs.get(hourMs) ?? 0n) + getMeasure(measures, 'cost_nano_usd'))
      return costs
    },
  }
}

interface EachOptions extends Pick<SumReader, 'sum'> {
  /** That of the hours. */
  readonly level: RollupLevel
  /** The end of the derived hours. */
  readonly untilMs: number
}

/**
 * The moved hours of a year in a zone such as Berlin's are 365 periods; a statement for each would take longer than all
 * others.
 */
function createEachReader(rows: RowReader, { sum, level, untilMs }: EachOptions): SumReader['sumEach'] {
  return async function* sumEach(ranges) {
    const atOnce = (await rows.namesGroups(level)) ? maxPeriodsAtOnce : 1
    for (let first = 0; first < ranges.length; first += atOnce) {
      const periods = ranges
        .slice(first, first + atOnce)
        .map((range) => (atOnce === 1 ? { hours: [], rest: [range] } : divideHours(range, untilMs)))
      const starts = periods.flatMap(({ hours }) => hours)
      const byHour = Map.groupBy(await rows.listStarts(level, starts), ({ startMs }) => startMs)
      for (const { hours, rest } of periods) {
        const sums: GroupSums[] = hours.flatMap((hourMs) => byHour.get(hourMs) ?? [])
        for (const part of rest) sums.push(...(await sum(part)))
        yield sums
      }
    }
  }
}

const maxPeriodsAtOnce = 50

interface DividedHours {
  /** The starts of whole hours (UTC), which are derived. */
  readonly hours: readonly number[]
  readonly rest: readonly TimeRange[]
}

/** Divides a period of a few hours (UTC) into the whole ones and what it has of others; a longer one is its own rest. */
function divideHours(range: TimeRange, untilMs: number): DividedHours {
  const [startMs, endMs] = [ceilHour(range.startMs), floorHour(range.endMs)]
  const count = (endMs - startMs) / rollupSpans.hour
  if (count < 1 || count > maxHoursOfPeriod || range.endMs > untilMs) return { hours: [], rest: [range] }
  return {
    hours: Array.from({ length: count }, (_, at) => startMs + at * rollupSpans.hour),
    rest: [
      { startMs: range.startMs, endMs: startMs },
      { startMs: endMs, endMs: range.endMs },
    ].filter((part) => part.startMs < part.endMs),
  }
}

/** The days of India and Nepal move by five hours and a part of another one: six hours of sums. */
const maxHoursOfPeriod = 6

/** Lists the sums of hours of a level, and of those with all dimensions where they are not derived yet. */
function createHourLister(rows: RowReader, untilMs: number) {
  return async (
    level: RollupLevel,
    { startMs, endMs }: TimeRange,
    widthMs: number,
  ): Promise<readonly UnitSums[]> => {
    const derivedMs = Math.min(Math.max(untilMs, startMs), endMs)
    const parts = widthMs === rollupSpans.hour ? undefined : { originMs: startMs, widthMs }
    const list = async (from: RollupLevel, range: TimeRange) =>
      range.startMs < range.endMs ? rows.list(from, range, parts) : []
    return [
      ...(await list(level, { startMs, endMs: derivedMs })),
      ...(await list(allHours, { startMs: derivedMs, endMs })),
    ]
  }
}

/** Returns a function that keeps the hours with calls, and rounds down in those that may have been pruned. */
function createBounds(queries: Queries, summed: TimeRange): (range: TimeRange) => Promise<TimeRange> {
  let firstHour: Promise<number> | null = null
  const round = async (timeMs: number) => {
    if (timeMs % rollupSpans.hour === 0) return timeMs
    firstHour ??= findFirstKeptHour(queries)
    return timeMs < (await firstHour) ? floorHour(timeMs) : timeMs
  }
  return async ({ startMs, endMs }) => ({
    startMs: await round(Math.max(startMs, summed.startMs)),
    endMs: await round(Math.min(endMs, summed.endMs)),
  })
}

/** The end of the derived sums. */
export async function readProgress(queries: Queries): Promise<number> {
  const [row] = await queries.query(rollupStatements.readProgress)
  return row === undefined ? 0 : readNumber(row, 'until_ms')
}

/** From the first to the last hour (UTC) with calls, also of pruned ones, whose sums are kept; empty without any. */
export async function findSummedHours(queries: Queries): Promise<TimeRange> {
  const [row] = await queries.query(
    `SELECT (SELECT min(start_ms) FROM rollups WHERE span = 'hour' AND start_ms >= ${removedSumsMs}) AS first,
       (SELECT max(start_ms) FROM rollups WHERE span = 'hour') AS last`,
  )
  const [first, last] = [row?.['first'] ?? null, row?.['last'] ?? null]
  return first === null
    ? { startMs: 0, endMs: 0 }
    : { startMs: Number(first), endMs: Number(last) + rollupSpans.hour }
}

/** The number of groups that the sums of hours by these dimensions have. */
export async function countGroups(
  queries: Queries,
  dimensions: ReadonlySet<RollupDimension>,
): Promise<number> {
  const [row] = await queries.query('SELECT count(*) AS found FROM rollup_groups WHERE level = ?', [
    getGroupLevel(chooseHours(dimensions)),
  ])
  return row === undefined ? 0 : readNumber(row, 'found')
}

/** Hours that are not derived have a row for every combination of dimensions. */
const maxUnderivedMs = 2 * rollupSpans.day

/** The first hour (UTC) none of whose calls is removed. */
async function findFirstKeptHour(queries: Queries): Promise<number> {
  return Math.max(await findFirstCallHour(queries), await findRemovedCalls(queries))
}

/** The time before which calls are removed; 0: all are kept. */
export function findRemovedCalls(queries: Queries): Promise<number> {
  return findRemoved(queries, 'removed_calls')
}

/** The time before which sums are removed; 0: all are kept. */
export function findRemovedSums(queries: Queries): Promise<number> {
  return findRemoved(queries, 'removed_sums')
}

async function findRemoved(queries: Queries, name: 'removed_calls' | 'removed_sums'): Promise<number> {
  const removed = await queries.query(rollupStatements.readRemoved)
  const found = removed.find((row) => row['name'] === name)
  return found === undefined ? 0 : readNumber(found, 'until_ms')
}

/** The hour (UTC) of the first call that is stored: earlier ones may have been pruned. */
export async function findFirstCallHour(queries: Queries): Promise<number> {
  const [row] = await queries.query('SELECT min(started_at_ms) AS first FROM calls')
  const first = row?.['first'] ?? null
  return first === null ? Number.MAX_SAFE_INTEGER : floorHour(Number(first))
}
