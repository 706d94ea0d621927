/** Counts events within windows of `windowMs`. */
export interface RateCounter {
  /** Counts one event; true if it exceeds the window's limit. */
  exceeds(): boolean
}

/** Windows are fixed, not sliding, so up to twice the limit can pass within `windowMs`. */
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
