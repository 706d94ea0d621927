/**
 * A token bucket that refills continuously, at `limit` per minute (docs.claude.com, api/rate-limits). A call may take
 * more than is available; the balance is then negative and later calls wait, unless `overdraft` is false.
 */
export interface TokenBucket {
  readonly limit: number
  available(nowMs: number): number
  take(amount: number, nowMs: number): void
  /** The time until `amount` is available, or until the bucket is full if `amount` exceeds its limit. */
  waitMs(amount: number, nowMs: number): number
}

export function createTokenBucket(limit: number, { overdraft = true } = {}): TokenBucket {
  let held = limit
  let atMs = -Infinity
  const fill = (nowMs: number): void => {
    // A clock that was set back refills nothing; refilling continues from the new time.
    const passedMs = atMs === -Infinity ? 0 : Math.max(0, nowMs - atMs)
    held = Math.min(limit, held + (passedMs * limit) / minuteMs)
    atMs = nowMs
  }
  const available = (nowMs: number): number => {
    fill(nowMs)
    return held
  }
  return {
    limit,
    available,
    take: (amount, nowMs) => {
      held = available(nowMs) - amount
      if (!overdraft) held = Math.max(0, held)
    },
    waitMs: (amount, nowMs) => {
      const missing = Math.min(amount, limit) - available(nowMs)
      return Math.max(0, (missing * minuteMs) / limit)
    },
  }
}

const minuteMs = 60_000
