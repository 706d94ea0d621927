export type Ttl = '5m' | '1h'

/** The cached prefixes of all callers and models, in bounded memory. */
export interface CacheStore {
  /** Whether there is an unexpired entry; does not refresh it. */
  has(key: string, nowMs: number): boolean
  /** Restarts the TTL of an entry, which is free of charge. */
  refresh(key: string, nowMs: number): void
  write(key: string, ttl: Ttl, nowMs: number): void
}

/** A new entry that exceeds this limit evicts the least recently used one. */
export const maxCacheEntries = 10_000

const lifeMs: Readonly<Record<Ttl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 }

export function createCacheStore(limit = maxCacheEntries): CacheStore {
  /** Ordered by last use. */
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
      // Two concurrent calls may both have missed; the longer TTL is kept.
      put(key, find(key, nowMs) === '1h' ? '1h' : ttl, nowMs)
      const [oldest] = entries.keys()
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
    },
  }
}
