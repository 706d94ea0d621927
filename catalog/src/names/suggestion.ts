import { measureEdits } from './edit-distance.ts'

/** The names of one model: the ids that may be suggested, and its common names. */
export interface Candidate {
  readonly ids: readonly string[]
  readonly displayNames: readonly string[]
}

/** Up to three ids, each of another model, that resemble `name`; the likeliest first. */
export function suggestNames(name: string, candidates: readonly Candidate[]): readonly string[] {
  const typed = fold(name)
  if (typed.length < 4) return []
  const limit = Math.min(6, Math.max(1, Math.floor(typed.length / 3)))
  return candidates
    .map(({ ids, displayNames }) => {
      const [first = ''] = ids
      const named = [...ids.map((id) => [id, id]), ...displayNames.map((shown) => [shown, first])]
      const scored = named.map(([text = '', id = '']) => ({ id, edits: score(typed, fold(text), limit) }))
      return scored.reduce((best, each) => (each.edits < best.edits ? each : best))
    })
    .filter(({ edits }) => edits < Number.POSITIVE_INFINITY)
    .toSorted((left, right) => left.edits - right.edits)
    .slice(0, 3)
    .map(({ id }) => id)
}

/** The edit distance of two names. A partial match ranks after every near miss; other names do not match. */
function score(typed: string, known: string, limit: number): number {
  const edits = measureEdits(typed, known, limit)
  if (edits <= limit) return edits
  return known.includes(typed) ? limit + 1 : Number.POSITIVE_INFINITY
}

/** People type dots, underscores and blanks instead of the hyphens of an id. */
function fold(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s._]+/g, '-')
}
