import { rollupDimensions, rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { findUnitStart, rollupLevels } from './rollup-levels.ts'
import type { RollupLevel } from './rollup-levels.ts'

/** Times in milliseconds; the end is exclusive. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

/** A part of a period, and where its sums are: in the rows of a level, or in single calls. */
export interface PeriodPart extends TimeRange {
  readonly level: RollupLevel | 'calls'
  /** It is outside the period, and another part contains it. */
  readonly isSubtracted?: boolean
}

interface Levels {
  /** The levels of derived sums, the coarsest first. */
  readonly levels: readonly RollupLevel[]
  /** The first hour that has sums. */
  readonly sinceMs: number
  /** The end of the derived sums. */
  readonly untilMs: number
  /**
   * The last day and the last month are read whole where the period contains all hours of theirs that are derived. If
   * another hour is derived meanwhile, their sums have it too.
   */
  readonly withOpenUnits: boolean
}

/** Covers a period with months, days, hours, and parts of an hour at its ends. */
export function splitPeriod(
  { startMs, endMs }: TimeRange,
  { levels, sinceMs, untilMs, withOpenUnits }: Levels,
): readonly PeriodPart[] {
  if (startMs >= endMs) return []
  const first = ceilHour(startMs)
  const last = floorHour(endMs)
  if (first > last) return [{ level: 'calls', startMs, endMs }]
  const derivedMs = Math.min(Math.max(untilMs, first), last)
  const isOpen = withOpenUnits && derivedMs === untilMs
  const parts: readonly PeriodPart[] = [
    { level: 'calls', startMs, endMs: first },
    ...splitUnits({ startMs: first, endMs: derivedMs }, levels, { sinceMs, untilMs, isOpen }),
    { level: allHours, startMs: derivedMs, endMs: last },
    { level: 'calls', startMs: last, endMs },
  ]
  return parts.filter((part) => part.startMs < part.endMs)
}

interface Derived extends Pick<Levels, 'sinceMs' | 'untilMs'> {
  /** The end of the period is that of the derived sums. */
  readonly isOpen: boolean
}

function splitUnits(
  { startMs, endMs }: TimeRange,
  [level, ...finer]: readonly RollupLevel[],
  derived: Derived,
): readonly PeriodPart[] {
  if (level === undefined || startMs >= endMs) return []
  const { unit } = level
  if (unit === 'hour') return [{ level, startMs, endMs }]
  const found = findCover({ startMs, endMs }, unit, derived)
  if (found === null) return splitUnits({ startMs, endMs }, finer, derived)
  const { from, to, startsEarlier, endsLater } = found
  const splitRest = (one: number, other: number, isOutside: boolean): readonly PeriodPart[] =>
    splitUnits({ startMs: Math.min(one, other), endMs: Math.max(one, other) }, finer, {
      ...derived,
      isOpen: false,
    }).map((part) => (isOutside ? { ...part, isSubtracted: part.isSubtracted !== true } : part))
  // What is subtracted at the start is read first: budgets read without a snapshot, and a call that is stored meanwhile
  // must not be subtracted from a sum that does not have it.
  return [
    ...splitRest(startMs, from, startsEarlier),
    { level, startMs: from, endMs: to },
    ...splitRest(to, endMs, endsLater),
  ]
}

/** Whole days or months for a period, whose rest is added to them or subtracted. */
interface Cover {
  readonly from: number
  readonly to: number
  /** They start before the period, or end after it: what is outside is subtracted. */
  readonly startsEarlier: boolean
  readonly endsLater: boolean
}

/**
 * Most periods start and end within a day and a month (UTC): the start of a report is some time ago, and a day of another
 * time zone has hours of two. Where less of a unit is outside than inside, it is read whole and the rest is subtracted.
 * Null if no whole unit saves anything.
 */
function findCover(
  { startMs, endMs }: TimeRange,
  unit: 'day' | 'month',
  { sinceMs, untilMs, isOpen }: Derived,
): Cover | null {
  const [first, last] = [findUnitStart(startMs, unit), findUnitStart(endMs, unit)]
  const endOfLast = findNextUnit(last, unit)
  const startsEarlier = first >= sinceMs && startMs - first < findNextUnit(first, unit) - startMs
  const endsLater = !isOpen && endOfLast <= untilMs && endMs - last >= endOfLast - endMs
  const from = startsEarlier ? first : findWholeUnits({ startMs, endMs }, unit, false).startMs
  const to = isOpen ? endMs : endsLater ? endOfLast : last
  const outsideMs = (startsEarlier ? startMs - from : 0) + (endsLater ? to - endMs : 0)
  return from < to && outsideMs < endMs - startMs ? { from, to, startsEarlier, endsLater } : null
}

/** The days or months (UTC) that a time contains; with `isOpen` the last one may end after it. The result can be empty. */
export function findWholeUnits(
  { startMs, endMs }: TimeRange,
  unit: 'day' | 'month',
  isOpen: boolean,
): TimeRange {
  const own = findUnitStart(startMs, unit)
  const from = own === startMs ? startMs : findNextUnit(own, unit)
  return { startMs: from, endMs: isOpen ? endMs : findUnitStart(endMs, unit) }
}

/** The start of the day or month (UTC) after one. */
export function findNextUnit(startMs: number, unit: 'day' | 'month'): number {
  if (unit === 'day') return startMs + rollupSpans.day
  const date = new Date(startMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** The levels for sums by these dimensions, the coarsest first. A level with few groups has less rows in hours than the others in days or months. */
export function chooseLevels(dimensions: ReadonlySet<RollupDimension>): readonly RollupLevel[] {
  const hours = chooseHours(dimensions)
  if (levelsWithFewGroups.has(hours)) return [hours]
  const found = (['month', 'day'] as const).map((unit) => chooseLevel(unit, dimensions))
  return [...found.filter((level) => level !== undefined), hours]
}

const levelsWithFewGroups: ReadonlySet<RollupLevel> = new Set(rollupLevels.slice(0, 5))

/** The level of hours with the fewest groups that has the dimensions. */
export function chooseHours(dimensions: ReadonlySet<RollupDimension>): RollupLevel {
  return chooseLevel('hour', dimensions) ?? allHours
}

export function chooseLevel(
  unit: RollupLevel['unit'],
  dimensions: ReadonlySet<RollupDimension>,
): RollupLevel | undefined {
  const hasAll = (level: RollupLevel) => [...dimensions].every((name) => level.dimensions.includes(name))
  return rollupLevels.find((level) => level.unit === unit && hasAll(level))
}

/** The hours with all dimensions, which calls are added to. */
export const allHours: RollupLevel = { span: 'hour', unit: 'hour', dimensions: rollupDimensions }

/** The whole hours (UTC) of a period; null if it has none. */
export function findWholeHours({ startMs, endMs }: TimeRange): TimeRange | null {
  const hours = { startMs: ceilHour(startMs), endMs: floorHour(endMs) }
  return hours.startMs < hours.endMs ? hours : null
}

export function floorHour(timeMs: number): number {
  return Math.floor(timeMs / rollupSpans.hour) * rollupSpans.hour
}

export function ceilHour(timeMs: number): number {
  return Math.ceil(timeMs / rollupSpans.hour) * rollupSpans.hour
}
