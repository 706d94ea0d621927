import { readGroup } from '../syntax/read-group.ts'
import type { Value } from '../syntax/group.ts'
import { getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'

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
  const equals = findEquals(source, index)
  return equals === null ? null : readValueAt(source, equals + 1)
}

/** Reads the value of a statement, which starts at a token behind its `=`. */
export function readValueAt(source: Source, index: number): Value | null {
  const { tokens } = source
  let from = index
  while (tokens[from]?.kind === 'newline') from += 1
  const at = skipType(source, from)
  const [first, last] = [tokens[from], tokens[at]]
  if (first === undefined || last === undefined) return null
  const expression: Value = {
    kind: 'expression',
    start: first.start,
    end: last.end,
    text: '',
    number: null,
    constant: null,
    group: null,
  }
  const found = readString(source, from) ?? readNumber(source, from) ?? readBrackets(source, from, at)
  return { ...expression, ...found }
}

type Found = Pick<Value, 'kind' | 'end'> & Partial<Value>

/** A string that is the whole value, with a prefix such as `f` or `r`. */
function readString(source: Source, from: number): Found | null {
  const { tokens, text } = source
  const hasPrefix =
    tokens[from]?.kind === 'word' &&
    tokens[from + 1]?.kind === 'string' &&
    tokens[from + 1]?.start === tokens[from]?.end
  const at = hasPrefix ? from + 1 : from
  const string = tokens[at]
  if (string?.kind !== 'string' || !endsValue(source, at)) return null
  return { kind: 'string', end: string.end, text: text.slice(string.contentStart, string.contentEnd) }
}

/** A number with its type, such as `1_000` and `0.5f`, unless something is computed with it. */
function readNumber(source: Source, at: number): Found | null {
  const token = source.tokens[at]
  if (token?.kind !== 'number') return null
  const digits = getTokenText(source, token)
    .replaceAll('_', '')
    .replace(/[fFdDL]$/, '')
  const number = Number(digits)
  const isOperand = /^[*+/-]$/.test(getTokenText(source, source.tokens[at + 1]))
  return Number.isNaN(number) || isOperand ? null : { kind: 'number', end: token.end, number }
}

/** Brackets that are the whole value, behind a type or a function that starts at `from`. */
function readBrackets(source: Source, from: number, open: number): Found | null {
  const close = source.partners[open] ?? -1
  if (source.tokens[open]?.kind !== 'open' || close < open || !endsValue(source, close)) return null
  const group = readGroup(source, open)
  return { kind: open === from ? 'group' : 'call', end: group.end, group }
}

/** True if a value ends at a token: nothing computes with it on the same line. */
function endsValue(source: Source, at: number): boolean {
  const next = source.tokens[at + 1]
  if (next === undefined || next.kind === 'newline' || next.kind === 'comment' || next.kind === 'close')
    return true
  if (source.language.name === 'ruby' && /^(?:if|unless)$/.test(getTokenText(source, next))) return true
  return /^(?:;|,|as|satisfies)$/.test(getTokenText(source, next))
}

const maxTypeTokens = 8

/** Skips a type or a function before brackets: `[]anthropic.MessageParam{...}`, `new[] {...}`. */
function skipType(source: Source, from: number): number {
  let at = from
  while (at < from + maxTypeTokens && isTypePart(source, at)) at += 1
  return at
}

function isTypePart(source: Source, at: number): boolean {
  const token = source.tokens[at]
  const [text, next] = [getTokenText(source, token), getTokenText(source, source.tokens[at + 1])]
  if (token?.kind === 'word') return text === 'new' || /^[.{[(<]$/.test(next)
  if (text === '[') return next === ']'
  return /^[\].&*]$/.test(text)
}

const maxDeclarationTokens = 12

/** Marks of a type between a name and its `=`: `name: Record<string, 'a' | 'b'[]> =`. */
const typeMarks: ReadonlySet<string> = new Set([':', '.', '[', ']', '<', '>', '&', '|', "'"])

/** The index of `=` or `:=` behind a name and its type. */
function findEquals(source: Source, index: number, { acceptsArgument = false } = {}): number | null {
  if (isMemberOfOther(source, index)) return null
  for (let at = index + 1; at < index + maxDeclarationTokens; at += 1) {
    const token = source.tokens[at]
    const text = getTokenText(source, token)
    if (text === '=' || text === ':=') return !acceptsArgument && isArgument(source, index) ? null : at
    if (token?.kind !== 'word' && !typeMarks.has(text)) return null
  }
  return null
}

/** `other.name` belongs to another object; `self.name` and `this.name` belong to this one. */
function isMemberOfOther(source: Source, index: number): boolean {
  const [owner, dot] = [index - 2, index - 1].map((at) => getTokenText(source, source.tokens[at]))
  return dot === '.' && !/^(?:self|this|@)$/.test(owner ?? '')
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
function findStatementEnd(source: Source, from: number): number {
  const { tokens, partners, text } = source
  for (let at = from + 1; at < tokens.length; at += 1) {
    const token = tokens[at]
    const partner = partners[at] ?? -1
    if (token === undefined) break
    if (token.kind === 'open' && partner > at) at = partner
    else if (token.kind === 'close' || text[token.start] === ',' || text[token.start] === ';')
      return token.start
    else if (token.kind === 'newline' && !isContinued(text, token)) return token.start
  }
  return text.length
}

/** An operator at the start of a line, or at the end of the one before, continues the statement. */
const operatorFirst = /^\s*(?:\?\?|\|\||[?:.+])/
const operatorLast = /(?:=|\?\?|\|\||[?:+(])\s*$/

function isContinued(text: string, { start, end }: Token): boolean {
  return (
    operatorFirst.test(text.slice(end, end + 80)) ||
    operatorLast.test(text.slice(Math.max(0, start - 10), start))
  )
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
