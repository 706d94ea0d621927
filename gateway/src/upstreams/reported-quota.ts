import type { Quota } from '../routing/quota.ts'

/** A quota of which nothing is left, and the time until it has room again, in milliseconds. */
export interface EmptyQuota {
  readonly quota: Quota
  readonly waitMs: number
}

const describePart = (part: string): Part => ({
  remaining: `anthropic-${part}-remaining`,
  reset: `anthropic-${part}-reset`,
})

interface Part {
  readonly remaining: string
  readonly reset: string
}

/** The parts of a quota that the Claude API reports on every answer ("Rate limits", 2026). */
const standardParts = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((part) =>
  describePart(`ratelimit-${part}`),
)

/** Those of fast mode; an answer in fast mode reports the others as well. */
const fastParts = ['input-tokens', 'output-tokens'].map((part) => describePart(`fast-${part}`))

/**
 * The quotas of an answer's model of which the answer says that nothing is left. `quota`: that of the call. The API rounds
 * the tokens that are left to thousands, so the last 499 count as none.
 */
export function readEmptyQuotas(
  headers: Readonly<Record<string, string>>,
  quota: Quota,
  nowMs: number,
): readonly EmptyQuota[] {
  const standardMs = readWaitMs(standardParts, headers, nowMs)
  const fastMs = readWaitMs(fastParts, headers, nowMs)
  // Nearly every answer ends here.
  if (standardMs === null && fastMs === null) return none
  return [
    ...(standardMs === null
      ? []
      : [{ quota: quota === 'fast' ? 'messages' : quota, waitMs: standardMs } as const]),
    ...(fastMs === null ? [] : [{ quota: 'fast', waitMs: fastMs } as const]),
  ]
}

function readWaitMs(
  parts: readonly Part[],
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | null {
  let waitMs: number | null = null
  for (const { remaining, reset } of parts) {
    if (headers[remaining] !== '0') continue
    const partMs = Math.min(Date.parse(headers[reset] ?? '') - nowMs, maxWaitMs)
    if (partMs > 0) waitMs = Math.max(waitMs ?? 0, partMs)
  }
  return waitMs
}

const none: readonly EmptyQuota[] = []

/** A reset may be wrong, or the quota raised. It is tried again at least once an hour. */
const maxWaitMs = 3_600_000
