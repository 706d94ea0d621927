/**
 * A token bucket that refills continuously, at `limit` per minute (docs.claude.com, api/rate-limits). A call may take
 * more than is available; the balance is then negative and later calls wait, unless `overdraft` is false.
 */
export interface TokenBucket {
  readonly limit: number
  available(nowMs: number): number
  take(amount: number, nowMs: number): void
  /** The whole time until `amount` is available, or until the bucket is full if `amount` exceeds its limit. */
  waitMs(amount: number, nowMs: number): number
}

/**
 * Amounts are counted in parts of a token, of which `limit` arrive in a millisecond: they are whole numbers, so a client
 * that waited exactly as long as it was told is admitted, and one that waited a millisecond less is not.
 */
export function createTokenBucket(limit: number, { overdraft = true } = {}): TokenBucket {
  const toParts = (amount: number): number => Math.round(amount * minuteMs)
  const full = toParts(limit)
  let held = full
  let atMs = -Infinity
  const fill = (timeMs: number): number => {
    const nowMs = Math.floor(timeMs)
    // A clock that was set back refills nothing; refilling continues from the new time.
    const passedMs = atMs === -Infinity ? 0 : Math.max(0, nowMs - atMs)
    held = Math.min(full, held + passedMs * limit)
    atMs = nowMs
    return held
  }
  return {
    limit,
    available: (nowMs) => fill(nowMs) / minuteMs,
    take: (amount, nowMs) => {
      held = fill(nowMs) - toParts(amount)
      if (!overdraft) held = Math.max(0, held)
    },
    waitMs: (amount, nowMs) =>
      Math.max(0, Math.ceil((Math.min(toParts(amount), full) - fill(nowMs)) / limit)),
  }
}

const minuteMs = 60_000
