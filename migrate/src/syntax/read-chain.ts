import type { Entry, Group, Value } from './group.ts'
import { readGroup } from './read-group.ts'
import type { Source } from './source.ts'
import { getTokenText } from './source.ts'

/**
 * Reads the calls of a builder around a pair of brackets, such as `.model(...)` in `X.builder().model(...).build()`,
 * as the members of one group. Null if the brackets are not part of a chain.
 */
export function readChain(source: Source, open: number): Group | null {
  const entries: Entry[] = []
  const here = readLink(source, open)
  if (here === null) return null
  for (let link: Link | null = here; link !== null; link = readPrevious(source, link))
    entries.unshift(link.entry)
  for (let link = readNext(source, here); link !== null; link = readNext(source, link))
    entries.push(link.entry)
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined || entries.length < 2) return null
  return { kind: 'chain', start: first.start, end: last.end, entries, callee: '' }
}

interface Link {
  readonly entry: Entry
  readonly dot: number
  readonly close: number
}

/** `open` is the bracket behind `.name`. */
function readLink(source: Source, open: number): Link | null {
  const { tokens, partners } = source
  const close = partners[open] ?? -1
  const [name, dot] = [tokens[open - 1], tokens[open - 2]]
  if (close < 0 || name?.kind !== 'word' || dot === undefined) return null
  if (!/^(?:\.|\?\.|->|::)$/.test(getTokenText(source, dot)) || source.text[tokens[open]?.start ?? 0] !== '(')
    return null
  const group = readGroup(source, open)
  const [only] = group.entries
  const value: Value =
    only !== undefined && group.entries.length === 1 && only.name === null
      ? only.value
      : { kind: 'call', start: group.start, end: group.end, text: '', number: null, constant: null, group }
  const end = tokens[close]?.end ?? group.end
  const entry = {
    start: dot.start,
    end,
    name: getTokenText(source, name),
    nameStart: name.start,
    nameEnd: name.end,
    separator: '(',
    value,
  }
  return { entry, dot: open - 2, close }
}

function readPrevious(source: Source, { dot }: Link): Link | null {
  const close = skipBlank(source, dot - 1, -1)
  const open = source.partners[close] ?? -1
  return source.tokens[close]?.kind === 'close' && open >= 0 ? readLink(source, open) : null
}

function readNext(source: Source, { close }: Link): Link | null {
  const dot = skipBlank(source, close + 1, 1)
  if (!/^(?:\.|\?\.|->|::)$/.test(getTokenText(source, source.tokens[dot]))) return null
  return source.tokens[dot + 2]?.kind === 'open' ? readLink(source, dot + 2) : null
}

function skipBlank({ tokens }: Source, from: number, step: number): number {
  let at = from
  while (tokens[at]?.kind === 'newline' || tokens[at]?.kind === 'comment') at += step
  return at
}
