import type { Entry, Group } from './group.ts'
import { readChain } from './read-chain.ts'
import { readGroup, readStatement, readTop } from './read-group.ts'
import { readLines } from './read-lines.ts'
import { readYaml } from './read-yaml.ts'
import type { Source } from './source.ts'
import { findTokenIndex, listOpenBrackets } from './source.ts'

/** The groups around an offset, the innermost first. */
export function listEnclosing(source: Source, offset: number): readonly Group[] {
  if (source.language.layout === 'code') return listBrackets(source, offset)
  const root = getRoot(source)
  if (root === null) return []
  const path: Group[] = []
  for (let group: Group | null = root; group !== null; group = findInside(group, offset)) path.unshift(group)
  return path
}

/** The tree of a text without brackets. */
export function getRoot(source: Source): Group | null {
  if (source.root !== null) return source.root
  if (source.language.layout === 'yaml') source.root = readYaml(source)
  if (source.language.layout === 'lines') source.root = readLines(source)
  return source.root
}

/** The entry of a group that contains the offset. */
export function findEntry(group: Group, offset: number): Entry | null {
  return group.entries.find(({ start, end }) => start <= offset && offset < end) ?? null
}

function findInside(group: Group, offset: number): Group | null {
  const inner = findEntry(group, offset)?.value.group ?? null
  return inner !== null && inner.start <= offset && offset < inner.end ? inner : null
}

function listBrackets(source: Source, offset: number): readonly Group[] {
  const from = findTokenIndex(source, offset)
  const known = source.enclosing.get(from)
  if (known !== undefined && offset < (source.tokens[from]?.end ?? 0)) return known
  const found = listAround(source, offset, from)
  if (offset < (source.tokens[from]?.end ?? 0)) source.enclosing.set(from, found)
  return found
}

function listAround(source: Source, offset: number, from: number): readonly Group[] {
  const open = listOpenBrackets(source, from)
  // The file itself is a block of HCL, as `*.tfvars` are.
  if (open.length === 0 && source.language.name === 'hcl') return [readTop(source)]
  const statement = source.language.name === 'ruby' ? readStatement(source, from) : null
  const groups = open.flatMap((at) => {
    const group = readGroup(source, at)
    if (offset >= group.end) return []
    const chain = readChain(source, at)
    return chain === null ? [group] : [group, chain]
  })
  if (statement === null || offset < statement.start || offset >= statement.end) return groups
  // The arguments stand between the brackets inside them and those around them.
  const inner = groups.filter(({ start }) => start >= statement.start)
  return [...inner, statement, ...groups.slice(inner.length)]
}
