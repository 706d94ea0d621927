import type { Entry, Group, Value } from './group.ts'
import { readCallee } from './read-callee.ts'
import { isConstant, readLiteral } from './read-literal.ts'
import type { TokenRange } from './read-literal.ts'
import { getTokenText } from './source.ts'
import type { Source } from './source.ts'
import type { Token } from './tokenize.ts'

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
  const { tokens, text } = source
  const start = findStatementStart(source, at)
  const from = findNamedArgument(source, start, at)
  // The function comes first; names at the start of a line are entries of a map.
  if (from === null || from === start) return null
  const end = findStatementEnd(source, from)
  const [first, last] = [tokens[from], tokens[end - 1]]
  if (at >= end || first === undefined || last === undefined) return null
  return {
    kind: '(',
    start: first.start - 1,
    end: last.end + 1,
    entries: splitEntries(source, from, end).map((range) => readEntry(source, range)),
    callee: text.slice(tokens[start]?.start ?? 0, first.start).trim(),
  }
}

const maxStatement = 400

/** The index of the first token of a statement; brackets that close before `at` are skipped. */
function findStatementStart(source: Source, at: number): number {
  const { tokens, partners } = source
  let start = at
  for (; start > 0 && !endsStatement(source, start - 1) && at - start < maxStatement; start -= 1) {
    const kind = tokens[start - 1]?.kind
    const open = partners[start - 1] ?? -1
    if (kind === 'open') break
    if (kind === 'close' && open >= 0) start = open + 1
  }
  return start
}

/** The index behind the last token of the arguments that start at `from`. */
function findStatementEnd(source: Source, from: number): number {
  const { tokens, partners } = source
  let end = from
  for (
    ;
    !endsStatement(source, end) && tokens[end]?.kind !== 'close' && end - from < maxStatement;
    end += 1
  ) {
    const close = partners[end] ?? -1
    if (close > end) end = close
    if (/^(?:do|then)$/.test(getTokenText(source, tokens[end]))) break
  }
  return end
}

/** The end of a line, unless the line ends with a comma. */
function endsStatement(source: Source, index: number): boolean {
  const token = source.tokens[index]
  if (token === undefined) return true
  return token.kind === 'newline' && getTokenText(source, source.tokens[index - 1]) !== ','
}

/** The index of the first word with a colon, such as `model:`, from `start` to `at`. */
function findNamedArgument(source: Source, start: number, at: number): number | null {
  const { tokens } = source
  for (let index = start; index <= at; index += 1) {
    const [word, colon] = [tokens[index], tokens[index + 1]]
    if (word?.kind === 'word' && getTokenText(source, colon) === ':' && word.end === colon?.start)
      return index
  }
  return null
}

function splitEntries(source: Source, from: number, close: number): readonly TokenRange[] {
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

function readEntry(source: Source, range: TokenRange): Entry {
  const found = findName(source, range)
  const first = source.tokens[range[0] ?? 0]
  const last = source.tokens[range.at(-1) ?? 0]
  const [start, end] = [first?.start ?? 0, last?.end ?? 0]
  if (found !== null) return { start, end, ...found.at, value: readValue(source, range.slice(found.length)) }
  const value = readValue(source, range)
  return isShorthand(source, range)
    ? { start, end, name: getTokenText(source, first), nameStart: start, nameEnd: end, separator: ':', value }
    : { start, end, name: null, nameStart: start, nameEnd: start, separator: '', value }
}

/** `{ model, temperature }` of JavaScript names variables. */
function isShorthand(source: Source, range: TokenRange): boolean {
  const [only] = range
  if (source.language.name !== 'javascript' || range.length !== 1 || only === undefined) return false
  const token = source.tokens[only]
  return token?.kind === 'word' && isInBraces(source, only) && !isConstant(getTokenText(source, token))
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

/** The name of an entry, and the number of tokens before its value. */
interface FoundName {
  readonly length: number
  readonly at: Pick<Entry, 'name' | 'nameStart' | 'nameEnd' | 'separator'>
}

function findName(source: Source, range: TokenRange): FoundName | null {
  const [one, two, three] = range.map((index) => source.tokens[index])
  if (one === undefined || two === undefined) return null
  if (three !== undefined) {
    const found = readKey(source, one, two) ?? readMarkedKey(source, [one, two, three])
    if (found !== null) return found
  }
  return source.language.newlineSeparates === true ? findBlock(source, range) : null
}

const separators: ReadonlySet<string> = new Set([':', '=', '=>', '->', 'to', ':='])

/** `name: value`, `"name" => value`, `1 -> value`. */
function readKey(source: Source, key: Token, mark: Token): FoundName | null {
  const separator = getTokenText(source, mark)
  const isKey = key.kind === 'word' || key.kind === 'string' || key.kind === 'number'
  if (!isKey || !separators.has(separator)) return null
  const name =
    key.kind === 'string' ? source.text.slice(key.contentStart, key.contentEnd) : getTokenText(source, key)
  return named(name, [key.start, key.end], separator, 2)
}

/** A symbol of Ruby, an optional member of TypeScript, a computed name: `:name => 1`, `name?: 1`, `[name]: 1`. */
function readMarkedKey(source: Source, tokens: readonly [Token, Token, Token]): FoundName | null {
  const [one, two] = tokens
  const [first, second, separator] = tokens.map((token) => getTokenText(source, token))
  if (first === ':' && separator === '=>') return named(second ?? '', [two.start, two.end], '=>', 3)
  if (one.kind === 'word' && second === '?' && separator === ':')
    return named(first ?? '', [one.start, one.end], ':', 3)
  const isComputed = one.kind === 'open' && two.kind === 'close'
  if (!isComputed || (separator !== ':' && separator !== '=' && separator !== '=>')) return null
  const name = source.text.slice(one.end, two.start).replaceAll(/^['"]|['"]$/g, '')
  return named(name, [one.start, two.end], separator, 3)
}

function named(
  name: string,
  [nameStart, nameEnd]: readonly [number, number],
  separator: string,
  length: number,
): FoundName {
  return { length, at: { name, nameStart, nameEnd, separator } }
}

/** A block of HCL: `resource "type" "name" {`. */
function findBlock(source: Source, range: TokenRange): FoundName | null {
  const first = source.tokens[range[0] ?? 0]
  const open = range.length - 2
  const isBlock =
    first?.kind === 'word' && open > 0 && getTokenText(source, source.tokens[range[open] ?? 0]) === '{'
  return first !== undefined && isBlock
    ? named(getTokenText(source, first), [first.start, first.end], '{', open)
    : null
}

function readValue(source: Source, range: TokenRange): Value {
  const value = dropCasts(source, range)
  const first = source.tokens[value[0] ?? 0]
  const last = source.tokens[value.at(-1) ?? 0]
  const [start, end] = [first?.start ?? 0, last?.end ?? 0]
  const expression: Value = {
    kind: 'expression',
    start,
    end,
    text: '',
    number: null,
    constant: null,
    group: null,
  }
  if (value.length === 0) return expression
  return { ...expression, ...(readLiteral(source, value) ?? readBrackets(source, value)) }
}

/** Removes `as const` and `satisfies T`. */
function dropCasts(source: Source, range: TokenRange): TokenRange {
  const cast = range.findIndex(
    (index, at) => at > 0 && /^(?:as|satisfies)$/.test(getTokenText(source, source.tokens[index])),
  )
  return cast === -1 ? range : range.slice(0, cast)
}

/** A value that ends with a bracket is a group, or a call with something before its brackets. */
function readBrackets(source: Source, range: TokenRange): Pick<Value, 'kind' | 'group'> | null {
  const close = range.at(-1) ?? 0
  const open = source.partners[close] ?? -1
  if (source.tokens[close]?.kind !== 'close' || open < 0) return null
  return { kind: open === range[0] ? 'group' : 'call', group: readGroup(source, open) }
}
