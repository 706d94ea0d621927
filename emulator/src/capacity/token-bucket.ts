/**
 * An allowance that is filled up continuously, so much a minute, rather than all at once
 * (docs.claude.com, api/rate-limits). More may be taken than there is, and then it is waited for.
 */
export interface TokenBucket {
  readonly limit: number
  available(nowMs: number): number
  take(amount: number, nowMs: number): void
  /** How long until there is so much, or until it is full if it never holds as much. */
  waitMs(amount: number, nowMs: number): number
}

export function createTokenBucket(limit: number): TokenBucket {
  let held = limit
  let atMs = -Infinity
  const fill = (nowMs: number): void => {
    // A clock that was set back fills nothing, and counts on from there.
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
    },
    waitMs: (amount, nowMs) => {
      const missing = Math.min(amount, limit) - available(nowMs)
      return Math.max(0, (missing * minuteMs) / limit)
    },
  }
}

const minuteMs = 60_000
