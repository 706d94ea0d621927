/** The prompt cache that an answer has read or written. */
export interface UsedCache {
  readonly tokens: number
  /** The lifetime of its entries since their last use. */
  readonly lifetimeMs: number
}

/** The lifetimes that a cache can have (Prompt caching page). */
export const fiveMinutesMs = 5 * 60_000
export const hourMs = 60 * 60_000

/** The last answer of a conversation. */
export interface LastAnswer {
  readonly upstream: string
  /** The id of the model that has answered. */
  readonly model: string
  readonly cache: UsedCache
  /** The conversation's first messages with thinking that this model at this upstream does not accept; 0 if none is known. */
  readonly foreignMessages: number
}

/** A conversation of one model: a client may ask several in turn, each of which has a cache and thinking of its own. */
export interface Thread {
  readonly conversation: string
  /** The id of the model that the client asks for. */
  readonly model: string
}

/** Where the last call of each conversation went. */
export interface Warmth {
  /** The last answer, whenever that was; null if it is not known. Its prompt cache may be warm for the rest of its lifetime. */
  find(thread: Thread): (LastAnswer & { readonly isWarm: boolean }) | null
  /** `foreignMessages` is undefined if the call had all of its thinking. */
  note(thread: Thread, answer: Omit<LastAnswer, 'foreignMessages'>, foreignMessages: number | undefined): void
}

/** The oldest conversations are forgotten. */
const maxConversations = 50_000

export function createWarmth(nowMs: () => number): Warmth {
  const places = new Map<string, LastAnswer & { readonly atMs: number }>()
  return {
    find: (thread) => {
      const place = places.get(nameThread(thread))
      if (place === undefined) return null
      const { atMs, ...last } = place
      return { ...last, isWarm: nowMs() - atMs <= last.cache.lifetimeMs }
    },
    note: (thread, answer, foreignMessages) => {
      const name = nameThread(thread)
      const before = places.get(name)
      const isSamePlace = before?.upstream === answer.upstream && before.model === answer.model
      const known = isSamePlace ? before.foreignMessages : 0
      places.delete(name)
      places.set(name, { ...answer, foreignMessages: foreignMessages ?? known, atMs: nowMs() })
      const [oldest] = places.keys()
      if (places.size > maxConversations && oldest !== undefined) places.delete(oldest)
    },
  }
}

function nameThread({ conversation, model }: Thread): string {
  return `${conversation} ${model}`
}
