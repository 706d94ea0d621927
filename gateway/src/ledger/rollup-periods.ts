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
  if (level.unit === 'hour') return [{ level, startMs, endMs }]
  if (level.unit === 'day') return splitDays({ startMs, endMs }, level, finer, derived)
  const { startMs: from, endMs: to } = findWholeUnits({ startMs, endMs }, level.unit, derived.isOpen)
  if (from >= to) return splitUnits({ startMs, endMs }, finer, derived)
  return [
    ...splitUnits({ startMs, endMs: from }, finer, { ...derived, isOpen: false }),
    { level, startMs: from, endMs: to },
    ...splitUnits({ startMs: to, endMs }, finer, derived),
  ]
}

/**
 * A day of another time zone is a day (UTC) with some hours before and without some at its end: where that needs fewer
 * hours, they are subtracted.
 */
function splitDays(
  { startMs, endMs }: TimeRange,
  level: RollupLevel,
  finer: readonly RollupLevel[],
  { sinceMs, untilMs, isOpen }: Derived,
): readonly PeriodPart[] {
  const [hours] = finer
  const [firstDay, lastDay] = [findUnitStart(startMs, 'day'), findUnitStart(endMs, 'day')]
  const startsEarlier = isFirstHalf(startMs) && firstDay >= sinceMs
  const endsLater = !isOpen && !isFirstHalf(endMs) && lastDay + rollupSpans.day <= untilMs
  const from = startsEarlier ? firstDay : findWholeUnits({ startMs, endMs }, 'day', false).startMs
  const to = isOpen ? endMs : endsLater ? lastDay + rollupSpans.day : lastDay
  const isShort = firstDay === lastDay && !isOpen
  if (isShort || from >= to || hours === undefined)
    return splitUnits({ startMs, endMs }, finer, { sinceMs, untilMs, isOpen })
  return [
    {
      level: hours,
      startMs: Math.min(from, startMs),
      endMs: Math.max(from, startMs),
      isSubtracted: startsEarlier,
    },
    { level, startMs: from, endMs: to },
    { level: hours, startMs: Math.min(to, endMs), endMs: Math.max(to, endMs), isSubtracted: endsLater },
  ]
}

function isFirstHalf(timeMs: number): boolean {
  return (timeMs % rollupSpans.day) * 2 < rollupSpans.day
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
