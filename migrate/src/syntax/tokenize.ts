import type { Language, Quote } from './language.ts'

export type TokenKind =
  | 'word'
  | 'number'
  | 'string'
  | 'comment'
  | 'regex'
  | 'open'
  | 'close'
  | 'mark'
  | 'newline'

/** A piece of source with its offsets. */
export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  /** The text between the quotes of a string, a comment or a regular expression. */
  readonly contentStart: number
  readonly contentEnd: number
  /** The string contains interpolated code. */
  readonly interpolated?: boolean
  /** The string is written without escapes, so that its source is its value. */
  readonly raw?: boolean
}

/** Splits source into tokens. Never throws: an unclosed quote is a mark, so that one apostrophe cannot hide a file. */
export function tokenize(text: string, language: Language): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let heredocs: string[] = []
  while (at < text.length) {
    const token = readToken(text, at, language, tokens)
    at = token === null ? at + 1 : token.end
    if (token === null) continue
    if (token.kind === 'mark' && language.heredoc !== undefined && text[token.start] === '<') {
      const found = language.heredoc.exec(text.slice(token.start, token.start + 80))
      if (found?.groups?.['word'] !== undefined) {
        heredocs.push(found.groups['word'])
        at = token.start + found[0].length
        continue
      }
    }
    tokens.push(token)
    if (token.kind === 'newline' && heredocs.length > 0) {
      const body = readHeredocs(text, at, heredocs)
      tokens.push(...body)
      at = body.at(-1)?.end ?? at
      heredocs = []
    }
  }
  return tokens
}

/** Reads the token that starts at an offset; null at a blank. */
function readToken(text: string, at: number, language: Language, before: readonly Token[]): Token | null {
  const code = text.charCodeAt(at)
  if (code === newline) return plain('newline', at, at + 1)
  if (isBlank(code)) return null
  return readDelimited(text, at, language, before) ?? readPlain(text, at)
}

/** A comment, a string or a regular expression. Null: none starts here, or a string has no end. */
function readDelimited(text: string, at: number, language: Language, before: readonly Token[]): Token | null {
  const code = text.charCodeAt(at)
  const starts = findStarts(language)
  const comment = starts.comments.has(code) ? readComment(text, at, language) : null
  if (comment !== null) return comment
  const string = starts.quotes.has(code) ? readString(text, at, language) : null
  if (string !== null) return string
  const isRegex = code === slash && language.regex === true && mayStartRegex(text, before)
  return isRegex ? readRegex(text, at) : null
}

function readPlain(text: string, at: number): Token {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return plain('number', at, findNumberEnd(text, at))
  if (isWordPart(code)) return plain('word', at, findWordEnd(text, at))
  if (isOpening(code)) return plain('open', at, at + 1)
  if (isClosing(code)) return plain('close', at, at + 1)
  return plain('mark', at, at + markLength(text, at))
}

const newline = 0x0a
const slash = 0x2f

/** A space, a tab or a carriage return. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d
}

/** `(`, `[` or `{`. */
function isOpening(code: number): boolean {
  return code === 0x28 || code === 0x5b || code === 0x7b
}

/** `)`, `]` or `}`. */
function isClosing(code: number): boolean {
  return code === 0x29 || code === 0x5d || code === 0x7d
}

interface Starts {
  readonly comments: ReadonlySet<number>
  readonly quotes: ReadonlySet<number>
}

/** The characters with which comments and strings of a language start. */
function findStarts(language: Language): Starts {
  const known = startsByLanguage.get(language)
  if (known !== undefined) return known
  const blocks = language.blockComments.map(([open]) => open.trimStart())
  const starts = {
    comments: new Set([...language.lineComments, ...blocks].map((open) => open.charCodeAt(0))),
    quotes: new Set(language.quotes.map(({ open }) => open.charCodeAt(0))),
  }
  startsByLanguage.set(language, starts)
  return starts
}

const startsByLanguage = new WeakMap<Language, Starts>()

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** A letter, a digit, `_`, `$`, or a character that is not ASCII. */
function isWordPart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    isDigit(code) ||
    code === 0x5f ||
    code === 0x24 ||
    code > 0x7f
  )
}

function findWordEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && isWordPart(text.charCodeAt(at))) at += 1
  return at
}

/** With its type, its fraction and its exponent: `1_000u32`, `0.5`, `1e-6`. */
function findNumberEnd(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    const isPart = (isWordPart(code) && code !== 0x24 && code <= 0x7f) || code === 0x2e
    if (!isPart && !isExponentSign(text, at)) break
    at += 1
  }
  return at
}

function isExponentSign(text: string, at: number): boolean {
  const sign = text[at]
  return (sign === '+' || sign === '-') && /^\d[eE].\d$/.test(text.slice(Math.max(0, at - 2), at + 2))
}

const marks = [
  '===',
  '!==',
  '**=',
  '...',
  '=>',
  '->',
  '==',
  '!=',
  '<=',
  '>=',
  '=~',
  '::',
  '??',
  '||',
  '&&',
  '?.',
  '+=',
  ':=',
  '**',
]

/** The characters with which the marks continue. */
const markParts: ReadonlySet<number> = new Set('=.>:?|&~*'.split('').map((part) => part.charCodeAt(0)))

function markLength(text: string, at: number): number {
  if (!markParts.has(text.charCodeAt(at + 1))) return 1
  return marks.find((mark) => text.startsWith(mark, at))?.length ?? 1
}

function readComment(text: string, at: number, language: Language): Token | null {
  for (const [open, close] of language.blockComments) {
    const start = open.startsWith('\n') ? at - 1 : at
    if (!text.startsWith(open, start)) continue
    const found = text.indexOf(close, start + open.length)
    const end = found === -1 ? text.length : found + close.length
    return { kind: 'comment', start: at, end, contentStart: start + open.length, contentEnd: end }
  }
  for (const open of language.lineComments) {
    if (!text.startsWith(open, at)) continue
    if (language.commentNeedsBlank === true && at > 0 && !/[\s;]/.test(text[at - 1] ?? '')) continue
    if (open === '#' && language.name === 'php' && text[at + 1] === '[') continue
    const found = text.indexOf('\n', at)
    const end = found === -1 ? text.length : found
    return { kind: 'comment', start: at, end, contentStart: at + open.length, contentEnd: end }
  }
  return null
}

function readString(text: string, at: number, language: Language): Token | null {
  for (const quote of language.quotes) {
    if (!text.startsWith(quote.open, at)) continue
    if (quote.prefix !== undefined && !quote.prefix.test(text.slice(Math.max(0, at - 4), at))) continue
    const found = findClose(text, at + quote.open.length, quote)
    if (found !== null)
      return {
        kind: 'string',
        start: at,
        end: found.at + quote.close.length,
        contentStart: at + quote.open.length,
        contentEnd: found.at,
        interpolated: found.interpolated,
        raw: !found.escaped,
      }
  }
  return null
}

function findClose(text: string, from: number, quote: Quote) {
  const { close, escape, multiline, interpolation } = quote
  const closeCode = close.charCodeAt(0)
  const openCode = interpolation?.charCodeAt(0) ?? -1
  let interpolated = false
  let escaped = false
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === newline && !multiline) return null
    if (code === 0x5c && escape === 'backslash') {
      escaped = true
      at += 1
    } else if (code === closeCode && text.startsWith(close, at)) {
      if (escape !== 'double' || text[at + 1] !== close) return { at, interpolated, escaped }
      escaped = true
      at += 1
    } else if (code === openCode && interpolation !== undefined && text.startsWith(interpolation, at)) {
      if (interpolation === '{' && text[at + 1] === '{') at += 1
      else {
        interpolated = true
        at = skipInterpolation(text, at + interpolation.length, interpolation === '$(' ? '()' : '{}')
      }
    }
  }
  return null
}

/** Returns the offset of the closing bracket; strings inside are skipped. */
function skipInterpolation(text: string, from: number, [open, close]: string): number {
  let depth = 1
  for (let at = from; at < text.length && at < from + maxInterpolation; at += 1) {
    const char = text[at]
    if (char === open) depth += 1
    else if (char === close) depth -= 1
    if (depth === 0) return at
  }
  return from
}

const maxInterpolation = 2000

/** After a value a `/` divides; anywhere else it starts a regular expression. */
function mayStartRegex(text: string, before: readonly Token[]): boolean {
  const last = before.findLast(({ kind }) => kind !== 'comment' && kind !== 'newline')
  if (last === undefined) return true
  if (last.kind === 'mark') return text.slice(last.start, last.end) !== '<'
  if (last.kind === 'open') return true
  if (last.kind !== 'word') return false
  return /^(?:return|typeof|case|in|of|when|if|unless|and|or|not|match)$/.test(
    text.slice(last.start, last.end),
  )
}

function readRegex(text: string, at: number): Token | null {
  let inClass = false
  for (let index = at + 1; index < text.length; index += 1) {
    const char = text[index]
    if (char === '\n') return null
    if (char === '\\') index += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass)
      return {
        kind: 'regex',
        start: at,
        end: findFlagsEnd(text, index + 1),
        contentStart: at + 1,
        contentEnd: index,
      }
  }
  return null
}

function readHeredocs(text: string, from: number, words: readonly string[]): Token[] {
  const tokens: Token[] = []
  let at = from
  for (const word of words) {
    const end = new RegExp(`^[ \\t]*${word}\\b`, 'gm')
    end.lastIndex = at
    const found = end.exec(text)
    const stop = found?.index ?? text.length
    tokens.push({
      kind: 'string',
      start: at,
      end: found === null ? stop : stop + found[0].length,
      contentStart: at,
      contentEnd: stop,
      raw: !text.slice(at, stop).includes('\\'),
    })
    at = found === null ? text.length : stop + found[0].length
  }
  return tokens
}

function plain(kind: TokenKind, start: number, end: number): Token {
  return { kind, start, end, contentStart: start, contentEnd: end }
}

/** The end of the flags behind a regular expression. */
function findFlagsEnd(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) >= 0x61 && text.charCodeAt(at) <= 0x7a) at += 1
  return at
}
