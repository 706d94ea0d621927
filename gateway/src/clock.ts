/**
 * Milliseconds of a monotonic clock that is the same in all processes of a machine:
 * changes of the system time must not affect the rate limits that workers share.
 */
export function monotonicMs(): number {
  return offsetMs + performance.now()
}

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
