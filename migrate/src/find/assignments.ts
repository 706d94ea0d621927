import { readGroup } from '../syntax/read-group.ts'
import type { Value } from '../syntax/group.ts'
import { getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'

/**
 * Finds the value of a variable that a text assigns exactly once, such as `MODEL = "..."`. Null: never or more than once,
 * or the value is computed.
 */
export function findAssigned(source: Source, name: string): Value | null {
  if (!/^[A-Za-z_$][\w$.]*$/.test(name)) return null
  const word = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf(':')) + 1)
  const values: Value[] = []
  for (const [index, token] of source.tokens.entries()) {
    if (token.kind !== 'word' || getTokenText(source, token) !== word) continue
    if (isParameter(source, index)) return null
    const value = readAssigned(source, index)
    if (value !== null) values.push(value)
  }
  const [only] = values
  return values.length === 1 && only !== undefined ? only : null
}

function readAssigned(source: Source, index: number): Value | null {
  const { tokens, partners } = source
  const equals = findEquals(source, index)
  if (equals === null) return null
  let at = equals + 1
  while (tokens[at]?.kind === 'newline') at += 1
  let first = tokens[at]
  // A type before the value: `[]anthropic.MessageParam{...}`, `new[] {...}`.
  const typeWords = /^(?:\[|\]|\.|&|\*|new)$/
  const from = at
  while (at < from + 8 && isTypePart(source, at, typeWords)) at += 1
  const last = tokens[at]
  if (first === undefined || last === undefined) return null
  const base: Value = {
    kind: 'expression',
    start: first.start,
    end: last.end,
    text: '',
    number: null,
    constant: null,
    group: null,
  }
  if (first.kind === 'word' && tokens[from + 1]?.kind === 'string' && tokens[from + 1]?.start === first.end)
    first = tokens[from + 1]
  const isWhole = (ending: number) => endsStatement(source, ending)
  if (first?.kind === 'string' && isWhole(source.tokens.indexOf(first)))
    return {
      ...base,
      kind: 'string',
      end: first.end,
      text: source.text.slice(first.contentStart, first.contentEnd),
    }
  if (first?.kind === 'string') return base
  if (first?.kind === 'number') {
    const number = Number(
      getTokenText(source, first)
        .replaceAll('_', '')
        .replace(/[fFdDL]$/, ''),
    )
    const after = getTokenText(source, tokens[from + 1])
    return Number.isNaN(number) || /^[*+/-]$/.test(after)
      ? base
      : { ...base, kind: 'number', number, end: first.end }
  }
  const close = partners[at] ?? -1
  if (last.kind !== 'open' || close < at || !isWhole(close)) return base
  const group = readGroup(source, at)
  return { ...base, kind: at === from ? 'group' : 'call', end: group.end, group }
}

/** True if a value ends at a token: nothing computes with it on the same line. */
function endsStatement(source: Source, at: number): boolean {
  const next = source.tokens[at + 1]
  if (next === undefined || next.kind === 'newline' || next.kind === 'comment' || next.kind === 'close')
    return true
  return /^(?:;|,|as|satisfies)$/.test(getTokenText(source, next))
}

function isTypePart(source: Source, at: number, typeWords: RegExp): boolean {
  const token = source.tokens[at]
  const text = getTokenText(source, token)
  if (token?.kind === 'word')
    return /^(?:\.|\{|\[|\(|<)$/.test(getTokenText(source, source.tokens[at + 1])) || text === 'new'
  if (text === '[' && getTokenText(source, source.tokens[at + 1]) === ']') return true
  return text !== '[' && typeWords.test(text)
}

/** The index of `=` or `:=` behind a name and its type. */
function findEquals(source: Source, index: number, { acceptsArgument = false } = {}): number | null {
  const before = getTokenText(source, source.tokens[index - 1])
  if (before === '.' && !/^(?:self|this|@)$/.test(getTokenText(source, source.tokens[index - 2]))) return null
  for (let at = index + 1; at < index + 12; at += 1) {
    const token = source.tokens[at]
    const text = getTokenText(source, token)
    if (text === '=' || text === ':=') return !acceptsArgument && isArgument(source, index) ? null : at
    const isType =
      text === ':' ||
      text === '.' ||
      text === '[' ||
      text === ']' ||
      text === '<' ||
      text === '>' ||
      text === '&' ||
      text === '|'
    if (token === undefined || token.kind === 'newline' || (!isType && token.kind !== 'word' && text !== "'"))
      return null
  }
  return null
}

/** True for the name of a keyword argument, which is no assignment. */
function isArgument(source: Source, index: number): boolean {
  for (let at = index - 1; at >= 0 && at > index - 400; at -= 1) {
    const kind = source.tokens[at]?.kind
    const partner = source.partners[at] ?? -1
    if (kind === 'close' && partner >= 0) at = partner
    else if (kind === 'open') return getTokenText(source, source.tokens[at]) === '('
  }
  return false
}

/** A part of a text. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The texts that assign a variable or a parameter its default, however they compute it, such as
 * `MODEL = os.getenv("MODEL", "...")`.
 */
export function listAssignedRanges(source: Source, name: string): readonly Range[] {
  const word = name.replace(/^.*[.:>]/, '')
  const ranges: Range[] = []
  for (const [index, token] of source.tokens.entries()) {
    if (token.kind !== 'word' || getTokenText(source, token) !== word) continue
    const equals = findEquals(source, index, { acceptsArgument: true })
    if (equals !== null)
      ranges.push({ start: source.tokens[equals]?.end ?? token.end, end: findStatementEnd(source, equals) })
  }
  return ranges
}

/** The end of the line, or of the brackets that are open at its end; a parameter ends at its comma. */
function findStatementEnd({ tokens, partners, text }: Source, from: number): number {
  for (let at = from + 1; at < tokens.length; at += 1) {
    const token = tokens[at]
    const partner = partners[at] ?? -1
    if (token === undefined) break
    if (token.kind === 'open' && partner > at) at = partner
    else if (token.kind === 'close' || text[token.start] === ',' || text[token.start] === ';')
      return token.start
    else if (
      token.kind === 'newline' &&
      !/^\s*(?:\?\?|\|\||[?:.+])/.test(text.slice(token.end, token.end + 80)) &&
      !/(?:=|\?\?|\|\||[?:+(])\s*$/.test(text.slice(Math.max(0, token.start - 10), token.start))
    )
      return token.start
  }
  return text.length
}

/** A parameter of a function has the values of its callers. */
function isParameter(source: Source, index: number): boolean {
  const after = getTokenText(source, source.tokens[index + 1])
  if (!/^[:,)=?]$/.test(after)) return false
  for (let at = index - 1; at >= 0 && at > index - 200; at -= 1) {
    const token = source.tokens[at]
    const partner = source.partners[at] ?? -1
    if (token?.kind === 'close' && partner >= 0) at = partner
    else if (token?.kind === 'open') return getTokenText(source, token) === '(' && isDeclared(source, at)
  }
  return false
}

/** True for the brackets behind the name of a function that is declared here. */
export function isDeclared(source: Source, open: number): boolean {
  const words = [open - 1, open - 2, open - 3].map((at) => getTokenText(source, source.tokens[at]))
  if (words.some((word) => /^(?:def|function|func|fn|fun|constructor|sub)$/.test(word))) return true
  const close = source.partners[open] ?? -1
  const next = getTokenText(source, source.tokens[close + 1])
  return next === '{' || next === '=>' || (next === ':' && source.language.name === 'javascript')
}
