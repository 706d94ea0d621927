import type { Queries } from '../store/database.ts'
import { findCalendarSpan } from './calendar.ts'
import type { CalendarSpan, CalendarUnit } from './calendar.ts'
import { rollupSpans } from './rollup.ts'
import { ceilHour, findNextUnit, findWholeHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { GroupSums } from './rollup-rows.ts'
import type { SumReader } from './rollup-sums.ts'

/** The sums of calls that began in a span of the calendar. A span has several if its calls are summed in parts. */
export interface SpanSums {
  readonly span: CalendarSpan
  readonly sums: readonly GroupSums[]
}

interface Calendar {
  readonly unit: CalendarUnit
  readonly timeZone: string
}

/** Sums of a stretch of time. */
interface Stretch extends TimeRange {
  readonly sums: readonly GroupSums[]
}

/**
 * Sums the calls of a period by the spans of a zone's calendar. The store adds up whole hours, days or months (UTC), as
 * few statements as possible; what belongs to another span than the most of its stretch is moved there.
 */
export async function* readSpanSums(
  queries: Queries,
  reader: SumReader,
  calendar: Calendar,
  range: TimeRange,
): AsyncGenerator<SpanSums> {
  const find = (timeMs: number) => findCalendarSpan(timeMs, calendar.unit, calendar.timeZone)
  for (const part of calendar.unit === 'hour' ? divideWeeks(reader.summed, range) : [range]) {
    const listed = await listStretches(reader, calendar, part)
    if (listed === null) {
      yield* readSpans(queries, reader, find, part)
      continue
    }
    yield* readSpans(queries, reader, find, { startMs: part.startMs, endMs: listed.startMs })
    yield* divideStretches(reader, find, listed.stretches)
    yield* readSpans(queries, reader, find, { startMs: listed.endMs, endMs: part.endMs })
  }
}

/** Parts of a period with at most a week of hours (UTC) each: their sums are in memory together. */
function divideWeeks(summed: TimeRange, { startMs, endMs }: TimeRange): readonly TimeRange[] {
  const parts: TimeRange[] = []
  const lastMs = Math.min(endMs, summed.endMs)
  for (let partMs = startMs; partMs < endMs;) {
    const nextMs = floorHour(Math.max(partMs, summed.startMs)) + maxHoursAtOnce * rollupSpans.hour
    const untilMs = nextMs < lastMs ? nextMs : endMs
    parts.push({ startMs: partMs, endMs: untilMs })
    partMs = untilMs
  }
  return parts
}

const maxHoursAtOnce = 7 * 24

/** The stretches of a part of the period; those without calls are missing. */
interface Listed extends TimeRange {
  readonly stretches: readonly Stretch[]
}

async function listStretches(
  reader: SumReader,
  { unit, timeZone }: Calendar,
  range: TimeRange,
): Promise<Listed | null> {
  const hours = findWholeHours({
    startMs: Math.max(range.startMs, reader.summed.startMs),
    endMs: Math.min(range.endMs, reader.summed.endMs),
  })
  if (hours === null) return null
  const parts = unit === 'hour' ? [{ ...hours, widthMs: rollupSpans.hour }] : divideDays(hours, timeZone)
  const stretches: Stretch[] = []
  for (const { widthMs, ...part } of parts) {
    const sums = await reader.listHours(part, widthMs)
    if (sums === null) return unit === 'hour' ? null : listUnits(reader, unit, range)
    for (const [startMs, own] of Map.groupBy(sums, (one) => one.startMs))
      stretches.push({ startMs, endMs: Math.min(startMs + widthMs, part.endMs), sums: own })
  }
  return { ...hours, stretches }
}

async function listUnits(reader: SumReader, unit: 'day' | 'month', range: TimeRange): Promise<Listed | null> {
  const listed = await reader.listUnits(unit, range)
  if (listed === null) return null
  const { startMs, endMs } = listed.range
  const byStart = Map.groupBy(listed.sums, (one) => one.startMs)
  const stretches = Array.from(byStart, ([unitMs, sums]) => ({
    startMs: unitMs,
    endMs: Math.min(findNextUnit(unitMs, unit), endMs),
    sums,
  }))
  return { startMs, endMs, stretches }
}

/**
 * Divides whole hours (UTC) where the days of the zone begin at another time, so that the days of each part are equal. An
 * hour that a midnight cuts is with the day that ends in it.
 */
function divideDays(
  { startMs, endMs }: TimeRange,
  timeZone: string,
): readonly (TimeRange & { readonly widthMs: number })[] {
  const parts: (TimeRange & { readonly widthMs: number })[] = []
  const widthMs = rollupSpans.day
  let partMs = startMs
  for (let midnightMs = startMs; midnightMs < endMs;) {
    midnightMs = findCalendarSpan(midnightMs, 'day', timeZone).endMs
    const hourMs = Math.min(ceilHour(midnightMs), endMs)
    if ((hourMs - partMs) % widthMs === 0) continue
    parts.push({ startMs: partMs, endMs: hourMs, widthMs })
    partMs = hourMs
  }
  if (partMs < endMs) parts.push({ startMs: partMs, endMs, widthMs })
  return parts
}

type FindSpan = (timeMs: number) => CalendarSpan

/** The sums of a stretch belong to the span in its middle, and those of its parts in other spans are moved. */
async function* divideStretches(
  reader: SumReader,
  find: FindSpan,
  stretches: readonly Stretch[],
): AsyncGenerator<SpanSums> {
  const divided = stretches.map((stretch) => ({ ...divideStretch(find, stretch), sums: stretch.sums }))
  const moved = reader.sumEach(divided.flatMap(({ parts }) => parts))
  for (const { main, parts, sums } of divided) {
    yield { span: main, sums }
    for (const { span } of parts) {
      const next = await moved.next()
      if (next.done === true) return
      yield { span, sums: next.value }
      yield { span: main, sums: next.value.map(negate) }
    }
  }
}

interface Divided {
  readonly main: CalendarSpan
  /** The parts of the stretch in other spans. */
  readonly parts: readonly (TimeRange & { readonly span: CalendarSpan })[]
}

function divideStretch(find: FindSpan, { startMs, endMs }: TimeRange): Divided {
  const first = find(startMs)
  if (first.endMs >= endMs) return { main: first, parts: [] }
  const main = find((startMs + endMs) / 2)
  const parts: Divided['parts'][number][] = []
  for (let atMs = startMs, span = first; atMs < endMs; atMs = span.endMs, span = find(atMs))
    if (span.name !== main.name) parts.push({ span, startMs: atMs, endMs: Math.min(span.endMs, endMs) })
  return { main, parts }
}

function negate({ dimensions, measures }: GroupSums): GroupSums {
  return { dimensions, measures: measures.map((value) => -value) }
}

/** Sums span after span of the calendar, and skips those without calls. */
async function* readSpans(
  queries: Queries,
  reader: SumReader,
  find: FindSpan,
  { startMs, endMs }: TimeRange,
): AsyncGenerator<SpanSums> {
  for (let nextMs = Math.max(startMs, reader.summed.startMs); nextMs < endMs;) {
    const hourMs = await findNextHour(queries, nextMs)
    if (hourMs === null) return
    const span = find(Math.max(hourMs, nextMs))
    const range = { startMs: Math.max(span.startMs, startMs), endMs: Math.min(span.endMs, endMs) }
    yield { span, sums: await reader.sum(range) }
    nextMs = span.endMs
  }
}

/** The first hour with calls that ends after a time; null if there is none. */
async function findNextHour(queries: Queries, timeMs: number): Promise<number | null> {
  const [row] = await queries.query(
    "SELECT min(start_ms) AS next FROM rollups WHERE span = 'hour' AND start_ms >= ?",
    [floorHour(timeMs)],
  )
  const next = row?.['next'] ?? null
  return next === null ? null : Number(next)
}
