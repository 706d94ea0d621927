import type { Group, Value } from '../syntax/group.ts'
import { readGroup } from '../syntax/read-group.ts'
import { findTokenIndex } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import { findAssigned, listAssignedRanges } from './assignments.ts'
import type { Range } from './assignments.ts'

/**
 * Finds the text that gives a constant its value: `MODEL`, a member such as `MODELS.main`, or a member of a class or an
 * enum. Null: the file does not assign it, or assigns it more than once.
 */
export function findConstant(source: Source, names: readonly string[]): Range | null {
  const [first, ...rest] = names
  if (first === undefined) return null
  if (rest.length === 0) return getOnly(listAssignedRanges(source, first))
  const group = findAssigned(source, first)?.group ?? null
  return findMember(group, rest) ?? getOnly(listAssignedRanges(source, names.at(-1) ?? ''))
}

/** Finds a constant that a module exports by its name, in `export default`, in `module.exports`, or as JSON. */
export function findExported(source: Source, names: readonly string[]): Range | null {
  if (source.language.name === 'json') return findMember(readGroupAt(source, 0), names)
  const whole = /\b(?:module\.exports\s*=|export\s+default)\s*(?=\{)/.exec(source.text)
  const exported = whole === null ? null : readGroupAt(source, whole.index + whole[0].length)
  return findConstant(source, names) ?? findMember(exported, names) ?? findDefault(source, names)
}

/** `export default config`, imported under any name. */
function findDefault(source: Source, names: readonly string[]): Range | null {
  const local = /\b(?:module\.exports\s*=|export\s+default)\s+(?<name>[\w$]+)\s*(?:;|$)/m.exec(source.text)
    ?.groups?.['name']
  if (local === undefined) return null
  return findMember(findAssigned(source, local)?.group ?? null, names)
}

function readGroupAt(source: Source, offset: number): Group | null {
  const at = findTokenIndex(source, offset)
  const open = source.tokens[at]?.start === offset ? at : at + 1
  return source.tokens[open]?.kind === 'open' ? readGroup(source, open) : null
}

function findMember(group: Group | null, names: readonly string[]): Range | null {
  const [name, ...rest] = names
  if (group === null || name === undefined) return null
  const inner = unwrap(group)
  const value = inner.entries.find((entry) => entry.name === name)?.value
  if (value === undefined) return null
  return rest.length === 0 ? toRange(value) : findMember(value.group, rest)
}

/** The object in `Object.freeze({ ... })`. */
function unwrap(group: Group): Group {
  const [only] = group.entries
  const isWrapper = group.kind === '(' && group.entries.length === 1 && only?.name === null
  return isWrapper && only.value.group !== null ? only.value.group : group
}

function toRange({ start, end }: Value): Range {
  return { start, end }
}

function getOnly(ranges: readonly Range[]): Range | null {
  const [only] = ranges
  return ranges.length === 1 && only !== undefined ? only : null
}
