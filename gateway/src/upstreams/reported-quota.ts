/** The parts of a quota that the Claude API reports on every answer ("Rate limits", 2026). */
const parts = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const

/**
 * The time until the quota of an answer's model has room again, in milliseconds; null unless the answer says that nothing
 * is left. The API rounds the tokens that are left to thousands, so the last 499 count as none.
 */
export function readEmptyQuotaMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const waits = parts.flatMap((part) => {
    const name = `anthropic-ratelimit-${part}`
    const resetMs = Date.parse(headers[`${name}-reset`] ?? '')
    return headers[`${name}-remaining`] === '0' && resetMs > nowMs ? [resetMs - nowMs] : []
  })
  return waits.length === 0 ? null : Math.min(Math.max(...waits), maxWaitMs)
}

/** A reset may be wrong, or the quota raised. It is tried again at least once an hour. */
const maxWaitMs = 3_600_000
