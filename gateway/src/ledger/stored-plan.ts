import { isRecord } from '@anthology/wire'

/** An upstream in the plan of a call, with the code of its rank or of the reason why it was excluded. */
export interface StoredChoice {
  readonly upstream: string
  readonly because: string
  /** Null: the model of the call. */
  readonly model: string | null
}

/** A request to an upstream, with the code of its result: an outcome, a kind of failure or a kind of error answer. */
export interface StoredAttempt {
  readonly upstream: string
  readonly result: string
}

/** The plan of a call and what became of it, as its row keeps them. */
export interface StoredPlan {
  readonly ranked: readonly StoredChoice[]
  readonly excluded: readonly StoredChoice[]
  readonly attempts: readonly StoredAttempt[]
  /** The number of upstreams that were left out because the plan is too long. */
  readonly omitted: number
}

/** The plan as a JSON value: lists of texts, because their names would be most of it. At most 1 KB. */
export function encodePlan(plan: StoredPlan): object {
  const lists = {
    ranked: plan.ranked.map(encodeChoice),
    excluded: plan.excluded.map(encodeChoice),
    attempts: plan.attempts.map(({ upstream, result }) => [upstream, result]),
  }
  let omitted = plan.omitted
  while (JSON.stringify({ ...lists, omitted }).length > maxLength) {
    // The last of those that were not asked say least.
    const longest = [lists.excluded, lists.ranked, lists.attempts].find((list) => list.length > 0)
    if (longest === undefined) break
    longest.pop()
    omitted += 1
  }
  return omitted === 0 ? lists : { ...lists, omitted }
}

const maxLength = 1_000

function encodeChoice({ upstream, because, model }: StoredChoice): string[] {
  return model === null ? [upstream, because] : [upstream, because, model]
}

/** Reads a stored plan; null for another value. */
export function decodePlan(value: unknown): StoredPlan | null {
  if (!isRecord(value)) return null
  const { omitted } = value
  return {
    ranked: readLists(value['ranked']).map(decodeChoice),
    excluded: readLists(value['excluded']).map(decodeChoice),
    attempts: readLists(value['attempts']).map(([upstream = '', result = '']) => ({ upstream, result })),
    omitted: typeof omitted === 'number' ? omitted : 0,
  }
}

function decodeChoice([upstream = '', because = '', model]: readonly string[]): StoredChoice {
  return { upstream, because, model: model ?? null }
}

function readLists(value: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(value)) return []
  return value.map((list: unknown) => (Array.isArray(list) ? list.map(String) : []))
}
