/** A stretch of time with its name: an hour, a day or a month of a time zone. */
export interface CalendarSpan {
  /** `2026-11-22T14:00+01:00`, `2026-11-22` or `2026-11`. */
  readonly name: string
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

export type CalendarUnit = 'hour' | 'day' | 'month'

/** True for a name that this system knows, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return getFormat(name).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/**
 * The hour, day or month of a time zone that contains an instant. Days begin when the local date changes, so they have
 * 23 or 25 hours where the clocks change, and a day that a zone skipped has no span. Hours are those of UTC
 * with the local time as their name: in a zone whose offset has half an hour they begin at half past.
 */
export function findCalendarSpan(timeMs: number, unit: CalendarUnit, timeZone: string): CalendarSpan {
  const place = `${unit} ${timeZone}`
  const last = lastSpans.get(place)
  if (last !== undefined && last.startMs <= timeMs && timeMs < last.endMs) return last
  const span = computeSpan(Math.min(Math.max(timeMs, minDateMs), maxDateMs), unit, timeZone)
  lastSpans.set(place, span)
  return span
}

/** A report asks for the same span many times, and a zone's times cost some microseconds. By unit and zone. */
const lastSpans = new Map<string, CalendarSpan>()

function computeSpan(bounded: number, unit: CalendarUnit, timeZone: string): CalendarSpan {
  if (unit === 'hour') return findHour(bounded, timeZone)
  const local = readLocal(bounded, timeZone)
  const first = unit === 'day' ? local.slice(0, 10) : `${local.slice(0, 7)}-01`
  const next = unit === 'day' ? addDay(first) : addMonth(first)
  const name = unit === 'day' ? first : first.slice(0, 7)
  return { name, startMs: findStart(first, timeZone), endMs: findStart(next, timeZone) }
}

/** The start of a span of `findCalendarSpan` by its name. */
export function findSpanStart(name: string, unit: CalendarUnit, timeZone: string): number {
  if (unit === 'hour') return Date.parse(name)
  return findStart(unit === 'day' ? name : `${name}-01`, timeZone)
}

/** The instant at which a local date begins, or the next one that exists. */
export function findStart(date: string, timeZone: string): number {
  const place = `${date} ${timeZone}`
  const known = knownStarts.get(place)
  if (known !== undefined) return known
  const startMs = computeStart(date, timeZone)
  if (knownStarts.size >= maxKnownStarts) knownStarts.clear()
  knownStarts.set(place, startMs)
  return startMs
}

/** By date and zone: a report of a year asks for each of its days several times. */
const knownStarts = new Map<string, number>()
const maxKnownStarts = 5_000

function computeStart(date: string, timeZone: string): number {
  const utcMs = Date.parse(`${date}T00:00:00Z`)
  if (timeZone === 'UTC') return utcMs
  const guess = utcMs - readOffsetMs(utcMs, timeZone)
  if (readLocal(guess, timeZone) === `${date}T00:00` && readLocal(guess - minuteMs, timeZone) < date)
    return guess
  // The clocks change on this day: search the first minute whose local date is reached.
  let low = (utcMs - maxOffsetMs) / minuteMs
  let high = (utcMs + maxOffsetMs) / minuteMs
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (readLocal(middle * minuteMs, timeZone) >= date) high = middle
    else low = middle + 1
  }
  return high * minuteMs
}

function findHour(timeMs: number, timeZone: string): CalendarSpan {
  const startMs = Math.floor(timeMs / hourMs) * hourMs
  const offsetMs = readOffsetMs(startMs, timeZone)
  const local = new Date(startMs + offsetMs).toISOString().slice(0, 16)
  return { name: `${local}${formatOffset(offsetMs)}`, startMs, endMs: startMs + hourMs }
}

function formatOffset(offsetMs: number): string {
  if (offsetMs === 0) return 'Z'
  const minutes = Math.abs(offsetMs) / minuteMs
  const digits = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `${offsetMs < 0 ? '-' : '+'}${digits.join(':')}`
}

/** Whole minutes: zones before 1972 had offsets with seconds. */
function readOffsetMs(timeMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const minute = Math.floor(timeMs / minuteMs) * minuteMs
  return Date.parse(`${readLocal(minute, timeZone)}:00Z`) - minute
}

/** The local time, such as `2026-11-22T14:05`. */
function readLocal(timeMs: number, timeZone: string): string {
  if (timeZone === 'UTC') return new Date(timeMs).toISOString().slice(0, 16)
  // Swedish writes dates as ISO 8601 does.
  return getFormat(timeZone).format(timeMs).replace(' ', 'T')
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** A format takes 30 KB. */
const maxFormats = 500

function getFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  // There are some hundred zones, but a caller can write each in any mixture of small and capital letters.
  if (formats.size >= maxFormats) formats.clear()
  formats.set(timeZone, format)
  return format
}

function addDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

function addMonth(firstDay: string): string {
  const next = new Date(`${firstDay}T00:00:00Z`)
  next.setUTCMonth(next.getUTCMonth() + 1)
  return next.toISOString().slice(0, 10)
}

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
/** No zone is further from UTC than 14 hours; clocks change by two at most. */
const maxOffsetMs = 16 * hourMs
/** Years of four digits, with room for offsets. */
const minDateMs = Date.UTC(1, 0, 2)
const maxDateMs = Date.UTC(9999, 11, 1)
