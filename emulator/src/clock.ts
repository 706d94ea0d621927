/** A clock that stands still until it is told otherwise: cache entries, batches and files age by it. */
export interface Clock {
  /** What `createEmulator({ now })` takes. */
  readonly now: () => number
  set(time: number | string): void
  advance(ms: number): void
}

/** Begins at a time in ms or as RFC 3339, such as `2025-08-15T12:00:00Z`. */
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

function parseTime(time: number | string): number {
  const timeMs = typeof time === 'number' ? time : Date.parse(time)
  if (Number.isFinite(timeMs)) return timeMs
  throw new RangeError(`not a time: ${JSON.stringify(time)}`)
}
