/** Bounds repeated requests, so that an outage does not multiply the load on an upstream. */
export interface RetryBudget {
  /** Counts one retry; false if too many were made in the last seconds. */
  enter(): boolean
}

/** Retries may be this share of the running calls, or this many (Envoy's defaults, circuit_breaker.proto). */
const maxShare = 0.2
const minRetries = 3
const windowMs = 1_000

export function createRetryBudget(getRunningCalls: () => number, nowMs: () => number): RetryBudget {
  let times: number[] = []
  return {
    enter: () => {
      const now = nowMs()
      times = times.filter((timeMs) => now - timeMs < windowMs)
      if (times.length >= Math.max(minRetries, getRunningCalls() * maxShare)) return false
      times.push(now)
      return true
    },
  }
}
