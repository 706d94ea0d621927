import { Temporal } from 'temporal-polyfill'

export const windowKinds = ['hour', 'day', 'week', 'month', 'total'] as const

export type WindowKind = (typeof windowKinds)[number]

/** A part of time in which the calls of a budget count, by when they began. */
export interface Window {
  readonly startMs: number
  /** Exclusive; null: it never ends. */
  readonly endMs: number | null
}

interface WindowOptions {
  readonly window: WindowKind
  readonly timezone: string
}

/**
 * The calendar window that contains a time. Days, weeks and months begin at the first moment of a day in the time zone;
 * a week begins on Monday (ISO 8601). An hour is one of UTC, because the hours of some zones have another length when
 * their clocks change.
 */
export function findWindow({ window, timezone }: WindowOptions, atMs: number): Window {
  if (window === 'total') return { startMs: 0, endMs: null }
  if (window === 'hour') {
    const startMs = Math.floor(atMs / hourMs) * hourMs
    return { startMs, endMs: startMs + hourMs }
  }
  const date = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs))
    .toZonedDateTimeISO(timezone)
    .toPlainDate()
  const first =
    window === 'day'
      ? date
      : window === 'week'
        ? date.subtract({ days: date.dayOfWeek - 1 })
        : date.with({ day: 1 })
  const next = first.add(window === 'day' ? { days: 1 } : window === 'week' ? { weeks: 1 } : { months: 1 })
  return { startMs: startOfDay(first, timezone), endMs: startOfDay(next, timezone) }
}

/** A day may begin later than 00:00 where the clocks change, and a day that a zone leaves out begins with the next one. */
function startOfDay(date: Temporal.PlainDate, timezone: string): number {
  return date.toZonedDateTime(timezone).epochMilliseconds
}

/** True for a zone that this machine knows by an IANA name. */
export function isTimezone(name: string): boolean {
  // A fixed offset is a zone for the library, but has no name.
  if (/^[+-]/.test(name)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}

/** A rolling window, and the parts of it in which amounts are summed: an amount counts until its whole part is too old. */
export interface RollingWindow {
  readonly lengthMs: number
  readonly slotMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Minutes of an hour, quarters of an hour of a day, hours of a week and of a month, which has 30 days. */
export const rollingWindows: Readonly<Record<Exclude<WindowKind, 'total'>, RollingWindow>> = {
  hour: { lengthMs: hourMs, slotMs: hourMs / 60 },
  day: { lengthMs: dayMs, slotMs: hourMs / 4 },
  week: { lengthMs: 7 * dayMs, slotMs: hourMs },
  month: { lengthMs: 30 * dayMs, slotMs: hourMs },
}

/** The part of a rolling window in which a call counts that began at a time. */
export function findSlot({ slotMs }: RollingWindow, atMs: number): number {
  return Math.floor(atMs / slotMs)
}

/** The oldest part that still counts. */
export function findOldestSlot({ lengthMs, slotMs }: RollingWindow, nowMs: number): number {
  return Math.floor((nowMs - lengthMs) / slotMs)
}
