/**
 * Milliseconds on a clock that is never set, and that all processes of a machine
 * read alike: what they count together must not jump with the time of day.
 */
export function monotonicMs(): number {
  return offsetMs + performance.now()
}

const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
