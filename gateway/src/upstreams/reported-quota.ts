/** The parts of a quota that the Claude API reports on every answer ("Rate limits", 2026). */
const parts = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((part) => ({
  remaining: `anthropic-ratelimit-${part}-remaining`,
  reset: `anthropic-ratelimit-${part}-reset`,
}))

/**
 * The time until the quota of an answer's model has room again, in milliseconds; null unless the answer says that nothing
 * is left. The API rounds the tokens that are left to thousands, so the last 499 count as none.
 */
export function readEmptyQuotaMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  let waitMs: number | null = null
  for (const { remaining, reset } of parts) {
    // Nearly every answer ends here.
    if (headers[remaining] !== '0') continue
    const partMs = Math.min(Date.parse(headers[reset] ?? '') - nowMs, maxWaitMs)
    if (partMs > 0) waitMs = Math.max(waitMs ?? 0, partMs)
  }
  return waitMs
}

/** A reset may be wrong, or the quota raised. It is tried again at least once an hour. */
const maxWaitMs = 3_600_000
