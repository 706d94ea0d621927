/**
 * Milliseconds on a monotonic clock that all processes of a machine share, so
 * that their common counters do not jump when the time of day is set.
 */
export function monotonicMs(): number {
  return offsetMs + performance.now()
}

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
