import { getTokenText } from './source.ts'
import type { Source } from './source.ts'

const maxCalleeTokens = 60

/** The text before a bracket up to the start of its expression: `client.messages.create`, `new Foo`, `[]Bar`. */
export function readCallee(source: Source, open: number): string {
  const { tokens, text } = source
  let at = open - 1
  while (at >= 0 && open - at <= maxCalleeTokens && isPart(source, at)) at = skipBrackets(source, at) - 1
  const start = tokens[at + 1]?.start ?? 0
  return text.slice(start, tokens[open]?.start ?? start).trim()
}

/** The index of the opening bracket, if a pair of brackets ends at `at`. */
function skipBrackets({ tokens, partners }: Source, at: number): number {
  const open = partners[at] ?? -1
  return tokens[at]?.kind === 'close' && open >= 0 ? open : at
}

/** True for a token that continues the expression behind it. */
function isPart(source: Source, at: number): boolean {
  const [token, next] = [source.tokens[at], source.tokens[at + 1]]
  const text = getTokenText(source, token)
  if (token?.kind === 'close') return (source.partners[at] ?? -1) >= 0
  if (token?.kind === 'word') return !statementWords.has(text) || isMethod(source, at)
  // The next line of a chain of calls starts with its dot.
  if (token?.kind === 'newline') return /^(?:\.|\?\.)/.test(getTokenText(source, next))
  return connectors.has(text) || isEndOfRubyName(source, at)
}

/** Marks inside an expression; `!` belongs to a macro of Rust, `&` and `*` to a type of Go. */
const connectors: ReadonlySet<string> = new Set(['.', '::', '?.', '&', '->', '!', '*'])

/** Words that end the expression before them. */
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

/** `List.of` is no word of a statement. */
function isMethod(source: Source, at: number): boolean {
  return /^(?:\.|::)$/.test(getTokenText(source, source.tokens[at - 1]))
}

/** `model.include?(` */
function isEndOfRubyName(source: Source, at: number): boolean {
  const [mark, next] = [source.tokens[at], source.tokens[at + 1]]
  return source.language.name === 'ruby' && getTokenText(source, mark) === '?' && mark?.end === next?.start
}
