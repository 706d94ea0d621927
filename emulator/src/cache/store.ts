export type Ttl = '5m' | '1h'

/** The prompts that are cached, over all callers and models, in bounded memory. */
export interface CacheStore {
  /** Whether there is an entry that has not expired; it is not refreshed by the question. */
  has(key: string, nowMs: number): boolean
  /** An entry that is used lives its whole time again, for free. */
  refresh(key: string, nowMs: number): void
  write(key: string, ttl: Ttl, nowMs: number): void
}

/** Then the entry that was used longest ago is forgotten. */
export const maxCacheEntries = 10_000

const lifeMs: Readonly<Record<Ttl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 }

export function createCacheStore(limit = maxCacheEntries): CacheStore {
  /** In the order of their last use. */
  const entries = new Map<string, { readonly ttl: Ttl; readonly expiresMs: number }>()
  const put = (key: string, ttl: Ttl, nowMs: number): void => {
    entries.delete(key)
    entries.set(key, { ttl, expiresMs: nowMs + lifeMs[ttl] })
  }
  const find = (key: string, nowMs: number): Ttl | null => {
    const entry = entries.get(key)
    return entry && nowMs < entry.expiresMs ? entry.ttl : null
  }
  return {
    has: (key, nowMs) => find(key, nowMs) !== null,
    refresh: (key, nowMs) => {
      const ttl = find(key, nowMs)
      if (ttl) put(key, ttl, nowMs)
    },
    write: (key, ttl, nowMs) => {
      // Two calls at once may both have missed; the longer life is kept.
      put(key, find(key, nowMs) === '1h' ? '1h' : ttl, nowMs)
      const [oldest] = entries.keys()
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
    },
  }
}
