import type { TextEdit } from '../finding.ts'
import type { Entry, Group } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'

/**
 * Plans the removal of entries from a group: whole lines where an entry has its own, and the comma that would be left at
 * the end of the group.
 */
export function planRemoval(source: Source, group: Group, removed: ReadonlySet<Entry>): readonly TextEdit[] {
  const { text } = source
  if (group.kind === 'chain') return [...removed].map(({ start, end }) => cutChain(text, start, end))
  if (group.kind === 'section' || group.kind === 'mapping' || group.kind === 'sequence')
    return [...removed].map((entry) => cutLines(text, entry.start, entry.end))
  const edits: TextEdit[] = []
  const { entries } = group
  for (let at = 0; at < entries.length; at += 1) {
    const first = entries[at]
    if (first === undefined || !removed.has(first)) continue
    let last = first
    while (at + 1 < entries.length && removed.has(entries[at + 1] ?? first)) last = entries[(at += 1)] ?? last
    const before = entries[entries.indexOf(first) - 1]
    edits.push(...cutRun(source, group, { before, first, last, after: entries[at + 1] }))
  }
  return edits
}

interface Run {
  readonly before: Entry | undefined
  readonly first: Entry
  readonly last: Entry
  readonly after: Entry | undefined
}

function cutRun({ text }: Source, group: Group, { before, first, last, after }: Run): readonly TextEdit[] {
  const comma = findComma(text, last.end, after?.start ?? group.end - 1)
  const end = comma ?? last.end
  const line = findOwnLines(text, first.start, end)
  const leftover = comma === null && before !== undefined ? findComma(text, before.end, first.start) : null
  if (line !== null) {
    const dangling = leftover === null ? [] : [{ start: leftover - 1, end: leftover, text: '' }]
    return [...dangling, { ...line, text: '' }]
  }
  if (after !== undefined && !text.slice(end, after.start).includes('\n'))
    return [{ start: first.start, end: after.start, text: '' }]
  if (before !== undefined) {
    const from = text.slice(before.end, first.start).includes('\n') ? skipBack(text, first.start) : before.end
    return [{ start: from, end: comma !== null && from === before.end ? last.end : end, text: '' }]
  }
  // Nothing is left: the blanks go too.
  return after === undefined
    ? [{ start: group.start + 1, end: group.end - 1, text: '' }]
    : [{ start: first.start, end, text: '' }]
}

/** The offset behind the comma between two offsets. */
function findComma(text: string, from: number, to: number): number | null {
  const at = /^\s*,/.exec(text.slice(from, Math.max(from, to)))?.[0].length
  return at === undefined ? null : from + at
}

/** The whole lines of a range that has no other code on them; a comment at the end goes with it. */
function findOwnLines(text: string, start: number, end: number) {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const found = text.indexOf('\n', end)
  const lineEnd = found === -1 ? text.length : found
  const isAlone = text.slice(lineStart, start).trim() === ''
  const rest = text.slice(end, lineEnd).trim()
  if (!isAlone || !/^(?:$|\/\/|#|\/\*.*\*\/$)/.test(rest) || found === -1) return null
  return { start: lineStart, end: lineEnd + 1 }
}

/** The removal of the whole lines of a range. */
export function cutLines(text: string, start: number, end: number): TextEdit {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const trimmed = start + text.slice(start, end).trimEnd().length
  const found = text.indexOf('\n', Math.max(start, trimmed - 1))
  return { start: lineStart, end: found === -1 ? text.length : found + 1, text: '' }
}

function cutChain(text: string, start: number, end: number): TextEdit {
  return { start: skipBack(text, start), end, text: '' }
}

/** The start of the blanks before an offset. */
function skipBack(text: string, start: number): number {
  return text.slice(0, start).trimEnd().length
}
