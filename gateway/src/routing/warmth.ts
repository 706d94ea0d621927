/** Where the last call of each conversation went, for as long as its prompt cache may be warm. */
export interface Warmth {
  /** The upstream of the conversation's last answered call; null if it is too long ago. */
  find(conversation: string): string | null
  /** The upstream of its last answered call, whenever that was; null if it is not known. */
  findLast(conversation: string): string | null
  note(conversation: string, upstream: string): void
}

/** The lifetime of a cache entry since its last use; entries with an hour are rarer, and a move costs only their prefix. */
const warmMs = 5 * 60_000

/** The oldest conversations are forgotten. */
const maxConversations = 50_000

export function createWarmth(nowMs: () => number): Warmth {
  const places = new Map<string, { readonly upstream: string; readonly atMs: number }>()
  return {
    find: (conversation) => {
      const place = places.get(conversation)
      return place === undefined || nowMs() - place.atMs > warmMs ? null : place.upstream
    },
    findLast: (conversation) => places.get(conversation)?.upstream ?? null,
    note: (conversation, upstream) => {
      places.delete(conversation)
      places.set(conversation, { upstream, atMs: nowMs() })
      const [oldest] = places.keys()
      if (places.size > maxConversations && oldest !== undefined) places.delete(oldest)
    },
  }
}
