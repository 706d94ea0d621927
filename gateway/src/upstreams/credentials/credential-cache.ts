/** A credential and its end. */
export interface ExpiringCredential<Value> {
  readonly value: Value
  /** Null: it does not expire, or its source does not say when. */
  readonly expiresAtMs: number | null
}

export interface CredentialCacheOptions<Value> {
  /** Asks the source; concurrent callers share one request. */
  readonly fetch: () => Promise<ExpiringCredential<Value>>
  /** The time before the end from which on a new credential is fetched, while the old one is still used. */
  readonly refreshAheadMs?: number
  /** The time before the end from which on the old one is not used any more. */
  readonly minLeftMs?: number
  readonly nowMs?: () => number
}

export type GetCredential<Value> = (options: { readonly forceRefresh: boolean }) => Promise<Value>

/** AWS and Google begin to refresh five minutes before the end. */
const defaultRefreshAheadMs = 300_000
/** A source that has failed, or that has just been asked, is left alone for this time. */
const pauseMs = 5_000
/** Metadata servers answer within milliseconds, token services within seconds. */
const maxFetchMs = 30_000

/**
 * Keeps a credential until shortly before its end. Callers never wait while the old one can be used, and a failing
 * source is not asked for every call. A forced refresh replaces a credential that was rejected although it should be
 * valid.
 */
export function createCredentialCache<Value>({
  fetch,
  refreshAheadMs = defaultRefreshAheadMs,
  minLeftMs = 0,
  nowMs = Date.now,
}: CredentialCacheOptions<Value>): GetCredential<Value> {
  let current: ExpiringCredential<Value> | null = null
  let pending: Promise<Value> | null = null
  let failure: { readonly error: unknown; readonly atMs: number } | null = null
  let refreshedMs = Number.NEGATIVE_INFINITY
  let forcedMs = Number.NEGATIVE_INFINITY
  /** If the clock was set back, the pause is over. */
  const isPaused = (sinceMs: number): boolean => nowMs() >= sinceMs && nowMs() - sinceMs < pauseMs

  const start = (): Promise<Value> => {
    refreshedMs = nowMs()
    pending ??= withDeadline(fetch()).then(
      (fetched) => {
        pending = null
        failure = null
        current = fetched
        return fetched.value
      },
      (error: unknown) => {
        pending = null
        failure = { error, atMs: nowMs() }
        throw error
      },
    )
    return pending
  }
  const refreshInBackground = (): void => {
    if (pending !== null || isPaused(refreshedMs)) return
    // The old credential is still valid; at its end the error reaches a caller.
    start().catch(() => {})
  }
  return async ({ forceRefresh }) => {
    if (forceRefresh && !isPaused(forcedMs)) {
      forcedMs = nowMs()
      return start()
    }
    // The calls that were rejected together share the new one.
    if (forceRefresh && pending !== null) return pending
    const leftMs = (current?.expiresAtMs ?? Number.POSITIVE_INFINITY) - nowMs()
    if (current !== null && leftMs > minLeftMs) {
      if (leftMs <= refreshAheadMs) refreshInBackground()
      return current.value
    }
    if (failure !== null && pending === null && isPaused(failure.atMs)) throw failure.error
    return start()
  }
}

async function withDeadline<Value>(answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    const error = new Error(`the source of the credential did not answer within ${maxFetchMs / 1_000} s`)
    timer = setTimeout(() => reject(error), maxFetchMs)
  })
  try {
    return await Promise.race([answer, deadline])
  } finally {
    clearTimeout(timer)
  }
}
