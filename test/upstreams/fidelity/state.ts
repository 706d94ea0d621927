import { isDeepStrictEqual } from 'node:util'

import { readAt } from './paths.ts'
import type { Leaf } from './paths.ts'

/** What became of a field. `lost` is the only one that must not occur. */
export interface State {
  readonly kind: 'verbatim' | 'moved' | 'refused' | 'removed' | 'default' | 'no_member' | 'lost'
  /** The new place, the error, or the notice. */
  readonly detail: string
}

/** A field of several requests has the first of these that occurred. */
const byWeight: readonly State['kind'][] = [
  'lost',
  'verbatim',
  'moved',
  'removed',
  'default',
  'no_member',
  'refused',
]

export function combineStates(one: State | undefined, other: State): State {
  if (one === undefined) return other
  return byWeight.indexOf(other.kind) < byWeight.indexOf(one.kind) ? other : one
}

/** A request or an answer as it arrived. */
export interface Arrived {
  readonly body: unknown
  /** Values outside of the body, by their place. */
  readonly places: Readonly<Record<string, string>>
  readonly notice: string
}

/** Compares one leaf with what arrived. */
export function findState({ path, steps, value }: Leaf, { body, places, notice }: Arrived): State {
  if (isDeepStrictEqual(readAt(body, steps), value)) return { kind: 'verbatim', detail: '' }
  const removed = steps.filter((step) => typeof step === 'string').find((step) => notice.includes(step))
  if (removed !== undefined) return { kind: 'removed', detail: notice }
  const [place] = Object.entries(places).find(([, text]) => text.includes(String(value))) ?? []
  if (place !== undefined) return { kind: 'moved', detail: place }
  return { kind: 'lost', detail: `${path} did not arrive` }
}

/** A refusal has to name a member, or a type of it. */
export function findRefusal(status: number, text: string, names: readonly string[]): State {
  const named = names.some((name) => text.includes(name))
  return named
    ? { kind: 'refused', detail: `${status} ${text}` }
    : { kind: 'lost', detail: `refused without a name: ${text}` }
}
