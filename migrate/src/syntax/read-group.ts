import type { Entry, Group, Value } from './group.ts'
import type { Source } from './source.ts'
import { getTokenText } from './source.ts'

/** Reads the members and items between a pair of brackets. */
export function readGroup(source: Source, open: number): Group {
  const known = source.groups.get(open)
  if (known !== undefined) return known
  const close = source.partners[open] ?? -1
  const first = source.tokens[open]
  const group: Group = {
    kind: (source.text[first?.start ?? 0] ?? '(') as '(' | '[' | '{', // The tokenizer opens no other bracket.
    start: first?.start ?? 0,
    end: source.tokens[close]?.end ?? source.text.length,
    entries: splitEntries(source, open + 1, close).map((range) => readEntry(source, range)),
    callee: readCallee(source, open),
  }
  source.groups.set(open, group)
  return group
}

/** Reads the members of a whole file without brackets around them. */
export function readTop(source: Source): Group {
  source.root ??= {
    kind: 'section',
    start: 0,
    end: source.text.length,
    entries: splitEntries(source, 0, source.tokens.length).map((range) => readEntry(source, range)),
    callee: '',
  }
  return source.root
}

/**
 * Reads the named arguments of a call without brackets, as Ruby and Elixir write it: `ask model: "...", top_k: 5`. Null: the
 * token is in no such call.
 */
export function readStatement(source: Source, at: number): Group | null {
  const { tokens, partners } = source
  const isEnd = (index: number) => {
    const token = tokens[index]
    return (
      token === undefined || (token.kind === 'newline' && getTokenText(source, tokens[index - 1]) !== ',')
    )
  }
  let start = at
  for (; start > 0 && !isEnd(start - 1) && at - start < maxStatement; start -= 1) {
    const before = partners[start - 1] ?? -1
    if (tokens[start - 1]?.kind === 'open') break
    if (tokens[start - 1]?.kind === 'close' && before >= 0) start = before + 1
  }
  const isArgument = (index: number) =>
    tokens[index]?.kind === 'word' &&
    getTokenText(source, tokens[index + 1]) === ':' &&
    tokens[index]?.end === tokens[index + 1]?.start
  let from = start
  while (from <= at && !isArgument(from)) from += 1
  let end = from
  for (; !isEnd(end) && tokens[end]?.kind !== 'close' && end - from < maxStatement; end += 1) {
    const partner = partners[end] ?? -1
    if (partner > end) end = partner
    if (/^(?:do|then)$/.test(getTokenText(source, tokens[end]))) break
  }
  const [first, last] = [tokens[from], tokens[end - 1]]
  if (from > at || at >= end || from === start || first === undefined || last === undefined) return null
  return {
    kind: '(',
    start: first.start - 1,
    end: last.end + 1,
    entries: splitEntries(source, from, end).map((range) => readEntry(source, range)),
    callee: source.text.slice(tokens[start]?.start ?? 0, first.start).trim(),
  }
}

const maxStatement = 400

/** The indexes of an entry's tokens, without comments and line breaks. */
type Range = readonly number[]

function splitEntries(source: Source, from: number, close: number): readonly Range[] {
  const { tokens, partners, language, text } = source
  const entries: number[][] = []
  let current: number[] = []
  const finish = () => {
    if (current.length > 0) entries.push(current)
    current = []
  }
  for (let index = from; index < close; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    const partner = partners[index] ?? -1
    const mark = token.kind === 'mark' ? text[token.start] : ''
    if (mark === ',' || mark === ';') finish()
    else if (token.kind === 'newline') {
      if (language.newlineSeparates === true) finish()
    } else if (token.kind !== 'comment') {
      current.push(index)
      if (token.kind === 'open' && partner > index) {
        current.push(partner)
        index = partner
      }
    }
  }
  finish()
  return entries
}

function readEntry(source: Source, range: Range): Entry {
  const found = findName(source, range)
  const first = source.tokens[range[0] ?? 0]
  const last = source.tokens[range.at(-1) ?? 0]
  const [start, end] = [first?.start ?? 0, last?.end ?? 0]
  if (found === null && isShorthand(source, range))
    return {
      start,
      end,
      name: getTokenText(source, first),
      nameStart: start,
      nameEnd: end,
      separator: ':',
      value: readValue(source, range),
    }
  if (found === null)
    return {
      start,
      end,
      name: null,
      nameStart: start,
      nameEnd: start,
      separator: '',
      value: readValue(source, range),
    }
  const value = readValue(source, range.slice(found.length))
  return { start, end, ...found.at, value }
}

/** `{ model, temperature }` of JavaScript names variables. */
function isShorthand(source: Source, range: Range): boolean {
  const [only] = range
  if (source.language.name !== 'javascript' || range.length !== 1 || only === undefined) return false
  const token = source.tokens[only]
  return token?.kind === 'word' && isInBraces(source, only) && !constants.has(getTokenText(source, token))
}

function isInBraces(source: Source, index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const partner = source.partners[at] ?? -1
    const kind = source.tokens[at]?.kind
    if (kind === 'close' && partner >= 0) at = partner
    else if (kind === 'open') return getTokenText(source, source.tokens[at]) === '{'
  }
  return false
}

function findName(source: Source, range: Range) {
  const { tokens } = source
  const [one, two, three] = range.map((index) => tokens[index])
  if (one === undefined || two === undefined) return null
  const separator = getTokenText(source, two)
  const isName = one.kind === 'word' || one.kind === 'string' || one.kind === 'number'
  if (isName && separators.has(separator) && three !== undefined) {
    const name =
      one.kind === 'string' ? source.text.slice(one.contentStart, one.contentEnd) : getTokenText(source, one)
    return { length: 2, at: { name, nameStart: one.start, nameEnd: one.end, separator } }
  }
  // A symbol of Ruby, an optional member of TypeScript, a computed name.
  if (getTokenText(source, one) === ':' && getTokenText(source, three) === '=>')
    return named(getTokenText(source, two), [two.start, two.end], '=>', 3)
  if (one.kind === 'word' && separator === '?' && getTokenText(source, three) === ':')
    return named(getTokenText(source, one), [one.start, one.end], ':', 3)
  if (one.kind === 'open' && two.kind === 'close' && [':', '=', '=>'].includes(getTokenText(source, three))) {
    const name = source.text.slice(one.end, two.start)
    return named(name.replaceAll(/^['"]|['"]$/g, ''), [one.start, two.end], getTokenText(source, three), 3)
  }
  return source.language.newlineSeparates === true ? findBlock(source, range) : null
}

const separators: ReadonlySet<string> = new Set([':', '=', '=>', '->', 'to', ':='])

function named(
  name: string,
  [nameStart, nameEnd]: readonly [number, number],
  separator: string,
  length: number,
) {
  return { length, at: { name, nameStart, nameEnd, separator } }
}

/** A block of HCL: `resource "type" "name" {`. */
function findBlock(source: Source, range: Range) {
  const first = source.tokens[range[0] ?? 0]
  const open = range.length - 2
  const isBlock =
    first?.kind === 'word' && open > 0 && getTokenText(source, source.tokens[range[open] ?? 0]) === '{'
  return first !== undefined && isBlock
    ? named(getTokenText(source, first), [first.start, first.end], '{', open)
    : null
}

function readValue(source: Source, range: Range): Value {
  const trimmed = dropCasts(source, range)
  const first = source.tokens[trimmed[0] ?? 0]
  const last = source.tokens[trimmed.at(-1) ?? 0]
  const [start, end] = [first?.start ?? 0, last?.end ?? 0]
  const base: Value = { kind: 'expression', start, end, text: '', number: null, constant: null, group: null }
  if (first === undefined || last === undefined || trimmed.length === 0) return base
  const string = findString(source, trimmed)
  if (string !== null)
    return { ...base, kind: 'string', text: source.text.slice(string.contentStart, string.contentEnd) }
  const symbol = readSymbol(source, trimmed)
  if (symbol !== null) return { ...base, ...symbol }
  const text = source.text.slice(start, end)
  const number = readNumber(text)
  if (number !== null) return { ...base, kind: 'number', number }
  if (trimmed.length === 1 && constants.has(text))
    return { ...base, kind: 'constant', constant: constants.get(text) ?? null }
  const opener = source.partners[trimmed.at(-1) ?? 0] ?? -1
  if (last.kind !== 'close' || opener < 0) return base
  const group = readGroup(source, opener)
  return { ...base, kind: opener === trimmed[0] ? 'group' : 'call', group }
}

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['null', null],
  ['nil', null],
  ['None', null],
  ['undefined', null],
])

/** Removes `as const`, `satisfies T`, and conversions of a string such as `.to_string()`. */
function dropCasts(source: Source, range: Range): Range {
  const cast = range.findIndex(
    (index, at) => at > 0 && /^(?:as|satisfies)$/.test(getTokenText(source, source.tokens[index])),
  )
  return cast === -1 ? range : range.slice(0, cast)
}

function findString(source: Source, range: Range) {
  const tokens = range.map((index) => source.tokens[index])
  const at = tokens.findIndex((token) => token?.kind === 'string')
  const string = tokens[at]
  if (string === undefined || at > 2) return null
  const before = source.text.slice(tokens[0]?.start ?? 0, string.start)
  const after = source.text.slice(string.end, tokens.at(-1)?.end ?? string.end)
  const isPrefix = before === '' || /^(?:[fFrRbBuU]{1,2}|[@$:]{1,2}|r)$/.test(before)
  const isConversion =
    after === '' || /^(?:\.(?:to_string|into|to_owned|to_sym|freeze|trimIndent)(?:\(\))?|!)$/.test(after)
  return isPrefix && isConversion ? string : null
}

/** A symbol of Ruby, such as `:enabled`. */
function readSymbol(source: Source, range: Range) {
  const [colon, word] = range.map((index) => source.tokens[index])
  if (
    source.language.name !== 'ruby' ||
    range.length !== 2 ||
    word?.kind !== 'word' ||
    getTokenText(source, colon) !== ':'
  )
    return null
  return { kind: 'string' as const, start: word.start, text: getTokenText(source, word) }
}

function readNumber(text: string): number | null {
  const plain = text.replaceAll('_', '')
  const found =
    /^(?<sign>-\s*)?(?<digits>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:[fFdDmMlL]|[ui](?:8|16|32|64)|f32|f64)?$/.exec(
      plain,
    )
  if (found?.groups === undefined) return null
  const value = Number(found.groups['digits'])
  return found.groups['sign'] === undefined ? value : -value
}

/** The text before a bracket up to the start of its expression: `client.messages.create`, `new Foo`, `[]Bar`. */
function readCallee(source: Source, open: number): string {
  const { tokens, partners } = source
  let at = open - 1
  while (at >= 0) {
    const token = tokens[at]
    const partner = partners[at] ?? -1
    const text = getTokenText(source, token)
    if (token?.kind === 'close' && partner >= 0) at = partner - 1
    else if (token?.kind === 'word' && (!statementWords.has(text) || isMethod(source, at))) at -= 1
    else if (/^(?:\.|::|\?\.|&|->|!|\*)$/.test(text)) at -= 1
    else if (text === '?' && source.language.name === 'ruby' && token?.end === tokens[at + 1]?.start) at -= 1
    else if (token?.kind === 'newline' && /^(?:\.|\?\.)/.test(getTokenText(source, tokens[at + 1]))) at -= 1
    else break
    if (open - at > maxCallee) break
  }
  const start = tokens[at + 1]?.start ?? 0
  return source.text.slice(start, tokens[open]?.start ?? start).trim()
}

/** `List.of` is no word of a statement. */
function isMethod({ tokens, text }: Source, at: number): boolean {
  const before = tokens[at - 1]
  return before !== undefined && /^(?:\.|::)$/.test(text.slice(before.start, before.end))
}

const statementWords: ReadonlySet<string> = new Set([
  'return',
  'await',
  'yield',
  'in',
  'of',
  'else',
  'and',
  'or',
  'not',
])
const maxCallee = 60
