/** A clock that stands still until it is set or advanced. Cache entries, batches and files age by it. */
export interface Clock {
  /** For `createEmulator({ now })`. */
  readonly now: () => number
  set(time: number | string): void
  advance(ms: number): void
}

/** Returns a clock's day in UTC, `YYYY-MM-DD`. Every call reads it, so the text is formatted only when the day changes. */
export function createCalendar(now: () => number): () => string {
  let latest = Number.NaN
  let name = ''
  return () => {
    const day = Math.floor(now() / dayMs)
    if (day !== latest) {
      name = new Date(day * dayMs).toISOString().slice(0, 10)
      latest = day
    }
    return name
  }
}

const dayMs = 24 * 60 * 60 * 1_000

/** Creates a clock that starts at a time in ms or in RFC 3339, such as `2025-08-15T12:00:00Z`. */
export function createClock(start: number | string): Clock {
  let nowMs = parseTime(start)
  return {
    now: () => nowMs,
    set: (time) => {
      nowMs = parseTime(time)
    },
    advance: (ms) => {
      nowMs = parseTime(nowMs + ms)
    },
  }
}

/** A clock that runs like another one, ahead of it by what it was advanced. */
export interface AdvancedClock {
  readonly now: () => number
  /** Throws a RangeError for a number that is negative, or for more than 100 years in all. */
  advance(ms: number): void
  /** Runs at the other clock's time again. */
  reset(): void
}

export function createAdvancedClock(now: () => number): AdvancedClock {
  let aheadMs = 0
  return {
    now: () => now() + aheadMs,
    advance: (ms) => {
      if (!(ms >= 0 && aheadMs + ms <= maxAdvanceMs)) {
        const before = aheadMs === 0 ? '' : ` after ${aheadMs} ms`
        throw new RangeError(`a clock advances by 0 to ${maxAdvanceMs} ms in all, not ${ms}${before}`)
      }
      aheadMs += ms
    },
    reset: () => {
      aheadMs = 0
    },
  }
}

/** 100 years. */
export const maxAdvanceMs = 100 * 365 * dayMs

function parseTime(time: number | string): number {
  const timeMs = typeof time === 'number' ? time : Date.parse(time)
  if (timeMs >= minTimeMs && timeMs <= maxTimeMs) return timeMs
  throw new RangeError(`not a time: ${JSON.stringify(time)}`)
}

/** Days have years of four digits (RFC 3339). */
const minTimeMs = Date.parse('0000-01-01T00:00:00Z')
const maxTimeMs = Date.parse('9999-12-31T23:59:59.999Z')
