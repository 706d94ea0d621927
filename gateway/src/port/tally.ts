/** Counts what happens within spans of `windowMs`. */
export interface RateCounter {
  /** Counts one more; true when it is one too many for its span. */
  exceeds(): boolean
}

/** Spans follow each other, so that up to twice the limit may fall within a time of their length. */
export function createRateCounter(
  limit: number,
  windowMs: number,
  nowMs: () => number = Date.now,
): RateCounter {
  let sinceMs = nowMs()
  let count = 0
  return {
    exceeds() {
      const now = nowMs()
      if (now - sinceMs >= windowMs) {
        sinceMs = now
        count = 0
      }
      count += 1
      return count > limit
    },
  }
}
