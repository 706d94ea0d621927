/**
 * Milliseconds of a monotonic clock that is the same in all processes of a machine:
 * changes of the system time must not affect the rate limits that workers share.
 */
export function monotonicMs(): number {
  return offsetMs + performance.now()
}

/** A clock in whole milliseconds that goes on from a time of day and that nobody sets, for durations. */
export function createClockFrom(timeMs: number): () => number {
  const startMs = performance.now()
  return () => timeMs + Math.round(performance.now() - startMs)
}

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/**
 * The day of a time in UTC, `YYYY-MM-DD`. Calls arrive in order of time, so the text is formatted only for the first one
 * of each day.
 */
export function getDay(timeMs: number): string {
  const number = Math.floor(timeMs / msPerDay)
  if (number !== latest.number)
    latest = { number, text: new Date(number * msPerDay).toISOString().slice(0, 10) }
  return latest.text
}

const msPerDay = 86_400_000
let latest = { number: Number.NaN, text: '' }
