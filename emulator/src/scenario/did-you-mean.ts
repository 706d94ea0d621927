import { measureEdits } from '@anthology/catalog'

/** The known name that is most similar to a typed one; null if none is near. */
export function suggestName(typed: string, known: readonly string[]): string | null {
  const name = typed.slice(0, maxNameChars)
  const limit = Math.max(1, Math.floor(name.length / 3))
  const scored = known.map((one) => ({ one, edits: measureEdits(name, one, limit) }))
  const [best] = scored.toSorted((left, right) => left.edits - right.edits)
  return best === undefined || best.edits > limit ? null : best.one
}

const maxNameChars = 64
