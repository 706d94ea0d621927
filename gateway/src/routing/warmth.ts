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

/** A part of a conversation that has a prompt cache and thinking of its own: a sub-agent, or another model in between. */
export interface Thread {
  readonly conversation: string
  /** The sub-agent of Claude Code; null: the main agent, or a client without agents. */
  readonly agent: string | null
  /** The id of the model that the client asks for. */
  readonly model: string
}

/** Further facts of an answer. */
export interface AnswerFacts {
  /** Undefined if the call had all of its thinking. */
  readonly foreignMessages: number | undefined
  /** The conversation goes to this place if nothing is known of it and every upstream is healthy. */
  readonly isUsual: boolean
  /** The call is the first one of its conversation. */
  readonly isBeginning: () => boolean
}

/** An answer that other processes have to know. */
export interface SharedAnswer extends LastAnswer {
  /** Names the thread. */
  readonly thread: string
  /** The time of the answer, on the machine's monotonic clock. */
  readonly atMs: number
}

/** The places of the last calls of conversations. */
export interface Warmth {
  /** The last answer, whenever that was; null if it is not known. Its prompt cache may be warm for the rest of its lifetime. */
  find(thread: Thread): (LastAnswer & { readonly isWarm: boolean }) | null
  note(thread: Thread, answer: Omit<LastAnswer, 'foreignMessages'>, facts: AnswerFacts): void
  /** Notes answers of other processes, in any order: a later one replaces an earlier one. */
  merge(answers: readonly SharedAnswer[]): void
}

export interface WarmthOptions {
  readonly nowMs: () => number
  /** Gets each answer that other processes have to know. Undefined where this process is the only one. */
  readonly share?: ((answer: SharedAnswer) => void) | undefined
}

interface KnownPlace extends LastAnswer {
  readonly atMs: number
  /** The time of the last answer here that every process knows. */
  readonly sharedMs: number
}

/** The oldest conversations are forgotten. */
const maxConversations = 50_000
const forgottenAtOnce = 500

export function createWarmth({ nowMs, share }: WarmthOptions): Warmth {
  const places = new Map<string, KnownPlace>()
  const set = (name: string, place: KnownPlace): void => {
    places.delete(name)
    places.set(name, place)
    if (places.size <= maxConversations) return
    // Several at once, because finding the first key means skipping all deleted ones before it.
    for (const oldest of places.keys()) {
      if (places.size <= maxConversations - forgottenAtOnce) return
      places.delete(oldest)
    }
  }
  return {
    find: (thread) => {
      const place = places.get(nameThread(thread))
      if (place === undefined) return null
      const { atMs, sharedMs: _, ...last } = place
      return { ...last, isWarm: nowMs() - atMs <= last.cache.lifetimeMs }
    },
    note: (thread, answer, facts) => {
      const name = nameThread(thread)
      const before = places.get(name)
      const known = before !== undefined && isSamePlace(before, answer) ? before.foreignMessages : 0
      const last = { ...answer, foreignMessages: facts.foreignMessages ?? known }
      const atMs = nowMs()
      const isShared = share !== undefined && mustShare(last, atMs, facts, before)
      set(name, { ...last, atMs, sharedMs: isShared ? atMs : (before?.sharedMs ?? -Infinity) })
      if (isShared) share({ ...last, thread: name, atMs })
    },
    merge: (answers) => {
      for (const { thread, ...answer } of answers) {
        const before = places.get(thread)
        if (before === undefined || isLater(answer, before)) set(thread, { ...answer, sharedMs: answer.atMs })
      }
    },
  }
}

/**
 * Other processes know the last place of a conversation or nothing of it, and without knowledge they use the usual place.
 * So they have to know a move, any place but the usual one, and where a conversation is that this process did not know.
 */
function mustShare(
  last: LastAnswer,
  atMs: number,
  { isUsual, isBeginning }: AnswerFacts,
  before: KnownPlace | undefined,
): boolean {
  if (before === undefined) return !isUsual || !isBeginning()
  if (!isSamePlace(before, last) || before.foreignMessages !== last.foreignMessages) return true
  // The others have to know that the cache is still warm, which changes slowly.
  return !isUsual && atMs - before.sharedMs >= last.cache.lifetimeMs / refreshesPerLifetime
}

const refreshesPerLifetime = 10

function isSamePlace(one: Place, other: Place): boolean {
  return one.upstream === other.upstream && one.model === other.model
}

type Place = Pick<LastAnswer, 'upstream' | 'model'>

/** Of two answers at the same moment all processes keep the same one. */
function isLater(one: Dated, other: Dated): boolean {
  return one.atMs > other.atMs || (one.atMs === other.atMs && printAnswer(one) > printAnswer(other))
}

type Dated = LastAnswer & { readonly atMs: number }

function printAnswer({ upstream, model, cache, foreignMessages }: LastAnswer): string {
  return JSON.stringify([upstream, model, cache.tokens, cache.lifetimeMs, foreignMessages])
}

function nameThread({ conversation, agent, model }: Thread): string {
  return agent === null ? `${conversation} ${model}` : `${conversation} ${model} ${agent}`
}
