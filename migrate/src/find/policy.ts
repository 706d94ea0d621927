import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { foldMember } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'

/** A statement of a policy is no further out than this from one of its resources. */
const maxLevels = 4

/**
 * True for a resource that a policy of AWS denies: of a statement with the effect Deny, or of the exceptions of one that
 * allows. The exceptions of a statement that denies (`NotResource`) are what it allows.
 */
export function isDeniedResource(source: Source, offset: number): boolean {
  const levels = listEnclosing(source, offset).slice(0, maxLevels)
  const isException = levels.some((group) =>
    /^not_?resources?$/.test(foldMember(findEntry(group, offset)?.name ?? '')),
  )
  const effect = levels
    .flatMap(({ entries }) => entries)
    .find(({ name }) => /^effect$/i.test(foldMember(name ?? '')))?.value
  const denies = effect !== undefined && /deny/i.test(source.text.slice(effect.start, effect.end))
  return denies !== isException
}
