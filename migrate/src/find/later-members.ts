import type { Entry, Group, Value } from '../syntax/group.ts'
import { readChain } from '../syntax/read-chain.ts'
import { readGroup } from '../syntax/read-group.ts'
import { findTokenIndex, getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import { readValueAt } from './assignments.ts'

/** Members that a request has under a condition, or that statements add to its object. */
export interface Branch {
  readonly group: Group
  readonly entries: readonly Entry[]
  /** The texts are statements or sides of a condition: they can be changed, and not removed. */
  readonly stays: boolean
  /** The statement runs whenever the object is made. */
  readonly isAlways: boolean
}

/** The objects in a spread: `...(deep ? { thinking } : {})`, `**({"top_k": 5} if deep else {})`. */
export function listSpreadObjects(source: Source, entry: Entry): readonly Branch[] {
  if (entry.name !== null || !/^(?:\.\.\.|\*\*)/.test(source.text.slice(entry.start, entry.end))) return []
  return listObjects(source, entry).map((group) => ({
    group,
    entries: group.entries,
    stays: false,
    isAlways: false,
  }))
}

/** The sides of a conditional value: `thinking: deep ? { type: "enabled" } : undefined`. */
export function listConditionalValues(source: Source, group: Group, entry: Entry): readonly Branch[] {
  if (!isConditional(source, entry.value)) return []
  return listObjects(source, entry.value).map((each) => {
    const value: Value = { ...entry.value, kind: 'group', start: each.start, end: each.end, group: each }
    return {
      group,
      entries: [{ ...entry, start: each.start, end: each.end, value }],
      stays: true,
      isAlways: false,
    }
  })
}

/** True for `a ? b : c` and `b if a else c`; a condition among the arguments of a function does not count. */
export function isConditional({ text }: Source, { start, end, kind, group }: Value): boolean {
  if (kind !== 'expression' && kind !== 'call') return false
  return /\?|\bif\b/.test(text.slice(start, group?.start ?? end))
}

/** Sides of a condition, with `{}` for each object. */
const side = String.raw`(?:\{\}|undefined|null|None|(?:\w+\.)?(?:NOT_GIVEN|not_given|omit))`
const knownSides = new RegExp(
  String.raw`\?\s*${side}\s*:\s*${side}\s*$|^\s*${side}\s+if\b[\s\S]*\belse\s+${side}\s*$`,
)

/** True for a conditional value whose sides are objects or nothing, so that no side is unknown. */
export function hasKnownSides(source: Source, value: Value): boolean {
  if (!isConditional(source, value)) return false
  const objects = listObjects(source, value)
  let rest = ''
  let at = value.start
  for (const { start, end } of objects) {
    rest += `${source.text.slice(at, start)}{}`
    at = end
  }
  return objects.length > 0 && knownSides.test(rest + source.text.slice(at, value.end))
}

/** Objects of a range that are neither in another object nor arguments of a function. */
function listObjects(source: Source, { start, end }: Pick<Value, 'start' | 'end'>): readonly Group[] {
  const { tokens, partners } = source
  const found: Group[] = []
  for (let at = findTokenIndex(source, start); (tokens[at]?.start ?? end) < end; at += 1) {
    const [text, partner] = [getTokenText(source, tokens[at]), partners[at] ?? -1]
    if (tokens[at]?.kind !== 'open' || partner < at) continue
    if (text === '{') found.push(readGroup(source, at))
    const before = tokens[at - 1]
    const isCall = before?.kind === 'word' && before.end === tokens[at]?.start
    if (text !== '(' || isCall) at = partner
  }
  return found
}

/** The variable that an object is assigned to, on the line of its bracket: `kwargs: dict = `, `const body = `, `p := T`. */
const holderBefore =
  /(?:^|[\s;])(?<name>(?:(?:self|this)\.|\$)?[A-Za-z_]\w*)\s*(?::[^=\n]*)?:?=\s*[\w.&<>[\]*]*$/

/** Finds the variable that holds the object of a request; null: the object is an argument, or a value of another one. */
export function findHolder({ text }: Source, { start, kind, callee }: Group): string | null {
  if (kind !== '{' && kind !== '[' && kind !== 'chain' && !/(?:^|\W)dict$/.test(callee)) return null
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return holderBefore.exec(before)?.groups?.['name'] ?? null
}

/** Statements further behind an object are seldom about it. */
const maxDistance = 4000

/** Members that statements behind an object set: `kwargs["thinking"] = `, `params.topK = `, `body.update(top_k=5)`. */
export function listLaterMembers(source: Source, holder: string, group: Group): readonly Branch[] {
  const { tokens, text } = source
  const branches: (Branch & { readonly end: number })[] = []
  const column = getIndent(text, group.start)
  const word = holder.replace(/^(?:(?:self|this)\.|\$)/, '')
  for (let at = findTokenIndex(source, group.end - 1) + 1; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined || token.start > group.end + maxDistance) break
    if (token.kind === 'newline' && leavesBlock(text, token.end, column)) break
    if (token.kind !== 'word' || getTokenText(source, token).replace(/^\$/, '') !== word) continue
    if (holder === word && getTokenText(source, tokens[at - 1]) === '.') continue
    const isNew = /^:?=$/.test(getTokenText(source, tokens[at + 1]))
    if (isNew && group.kind !== 'chain') break
    const found = readUpdate(source, at) ?? readAssignment(source, group, at) ?? readCall(source, group, at)
    if (found !== null) addBranch(source, branches, { found, start: token.start, column })
  }
  return branches
}

/** Adds a statement to the branch of the line before it, or as a branch of its own. */
function addBranch(
  { text }: Source,
  branches: (Branch & { readonly end: number })[],
  { found, start, column }: { readonly found: Found; readonly start: number; readonly column: number },
): void {
  const indent = getIndent(text, start)
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const isAlone =
    /^[ \t]*(?:self\.|this\.)?$/.test(before) && !/^[^\n]*\b(?:if|unless)\b/.test(text.slice(found.end))
  const isAlways = isAlone && indent === column
  const last = branches.at(-1)
  const isNext =
    last !== undefined &&
    !last.isAlways &&
    /^;?[ \t]*\r?\n[ \t]*(?:self\.|this\.)?$/.test(text.slice(last.end, start))
  if (isNext && last.stays && found.stays && isAlone && getIndent(text, last.end) === indent)
    branches.splice(-1, 1, { ...last, entries: [...last.entries, ...found.entries], end: found.end })
  else branches.push({ ...found, isAlways })
}

function getIndent(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0].length ?? 0
}

/** True if the line at an offset has code further left than the object's statement. */
function leavesBlock(text: string, lineStart: number, column: number): boolean {
  const [, blanks = '', first = ''] = /^([ \t]*)(\S?)/.exec(text.slice(lineStart, lineStart + 400)) ?? []
  return first !== '' && first !== '#' && first !== '/' && blanks.length < column
}

type Found = Omit<Branch, 'isAlways'> & { readonly end: number }

/** `kwargs.update(temperature=0.2)`, `kwargs.update({"temperature": 0.2})` */
function readUpdate(source: Source, at: number): Found | null {
  const { tokens } = source
  const [dot, name, open] = [at + 1, at + 2, at + 3].map((each) => getTokenText(source, tokens[each]))
  if (dot !== '.' || name !== 'update' || open !== '(') return null
  const call = readGroup(source, at + 3)
  const [only] = call.entries
  const object = call.entries.length === 1 && only?.name === null ? only.value.group : null
  const group = object ?? call
  return { group, entries: group.entries, stays: false, end: call.end }
}

/** `kwargs["temperature"] = 0.2`, `params.temperature = 0.2`, `$params['temperature'] = 0.2` */
function readAssignment(source: Source, group: Group, at: number): Found | null {
  const { tokens, partners, text } = source
  const mark = getTokenText(source, tokens[at + 1])
  const last = mark === '[' ? (partners[at + 1] ?? -1) : at + 2
  if (last < at || (mark !== '[' && mark !== '.' && mark !== '->')) return null
  const [first, key, end] = [tokens[at], tokens[at + 2], tokens[last]]
  if (getTokenText(source, tokens[last + 1]) !== '=' || first === undefined || end === undefined) return null
  const written = mark === '[' ? text.slice(tokens[at + 1]?.end ?? 0, end.start) : getTokenText(source, key)
  const name = /^(?::|["'])?(?<name>\w+)["']?$/.exec(written.trim())?.groups?.['name']
  const value = name === undefined ? null : readValueAt(source, last + 2)
  if (name === undefined || value === null) return null
  const entry = { start: first.start, end: value.end, nameStart: first.start, nameEnd: end.end }
  return {
    group,
    entries: [{ ...entry, name, separator: '=', value }],
    stays: true,
    end: value.end,
  }
}

/** `builder.temperature(0.2)` behind `builder = Params.builder()...` */
function readCall(source: Source, { kind }: Group, at: number): Found | null {
  const { tokens } = source
  const [dot, open] = [at + 1, at + 3].map((each) => getTokenText(source, tokens[each]))
  if (kind !== 'chain' || dot !== '.' || open !== '(') return null
  const group = readChain(source, at + 3)
  if (group !== null) return { group, entries: group.entries, stays: true, end: group.end }
  const call = readGroup(source, at + 3)
  const [only] = call.entries
  const [first, name] = [tokens[at], tokens[at + 2]]
  if (only === undefined || call.entries.length > 1 || first === undefined || name === undefined) return null
  const entry = {
    start: first.start,
    end: call.end,
    nameStart: name.start,
    nameEnd: name.end,
    separator: '(',
  }
  return {
    group: call,
    entries: [{ ...entry, name: getTokenText(source, name), value: only.value }],
    stays: true,
    end: call.end,
  }
}
