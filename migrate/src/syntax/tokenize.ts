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

function readToken(text: string, at: number, language: Language, before: readonly Token[]): Token | null {
  const char = text[at] ?? ''
  if (char === '\n') return plain('newline', at, at + 1)
  if (char === ' ' || char === '\t' || char === '\r') return null
  const comment = readComment(text, at, language)
  if (comment !== null) return comment
  const string = readString(text, at, language)
  if (string !== null) return string
  if (char === '/' && language.regex === true && mayStartRegex(text, before)) {
    const regex = readRegex(text, at)
    if (regex !== null) return regex
  }
  if (/[A-Za-z_$]/.test(char) || char > '\u007f')
    return plain('word', at, findEnd(/[\w$\u0080-\uffff]*/y, text, at))
  if (/\d/.test(char)) return plain('number', at, findEnd(/(?:[\w.]|(?<=\d[eE])[+-](?=\d))*/y, text, at))
  if ('([{'.includes(char)) return plain('open', at, at + 1)
  if (')]}'.includes(char)) return plain('close', at, at + 1)
  return plain('mark', at, at + markLength(text, at))
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

function markLength(text: string, at: number): number {
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
  let interpolated = false
  let escaped = false
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\n' && !quote.multiline) return null
    if (char === '\\' && quote.escape === 'backslash') {
      escaped = true
      at += 1
    } else if (text.startsWith(quote.close, at)) {
      if (quote.escape !== 'double' || text[at + 1] !== quote.close) return { at, interpolated, escaped }
      escaped = true
      at += 1
    } else if (quote.interpolation !== undefined && text.startsWith(quote.interpolation, at)) {
      if (quote.interpolation === '{' && text[at + 1] === '{') at += 1
      else {
        interpolated = true
        at = skipInterpolation(
          text,
          at + quote.interpolation.length,
          quote.interpolation === '$(' ? '()' : '{}',
        )
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
        end: findEnd(/[a-z]*/y, text, index + 1),
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

function findEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return at + (pattern.exec(text)?.[0].length ?? 0)
}
