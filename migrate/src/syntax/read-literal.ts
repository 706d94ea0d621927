import type { Value } from './group.ts'
import { getTokenText } from './source.ts'
import type { Source } from './source.ts'

/** The indexes of an entry's tokens, without comments and line breaks. */
export type TokenRange = readonly number[]

type Literal = Pick<Value, 'kind'> & Partial<Value>

/** Reads a value that is written out. Null: it is computed, or has brackets. */
export function readLiteral(source: Source, range: TokenRange): Literal | null {
  const [first, last] = [source.tokens[range[0] ?? 0], source.tokens[range.at(-1) ?? 0]]
  const text = source.text.slice(first?.start ?? 0, last?.end ?? 0)
  return readString(source, range) ?? readSymbol(source, range) ?? readNumber(text) ?? readConstant(text)
}

/** The letters and marks before a string: `f"`, `rb'`, `@"`, `$@"`. */
const stringPrefix = /^(?:[fFrRbBuU]{1,2}|[@$:]{1,2})$/

/** Conversions that leave the text as it is: `.to_string()` of Rust, `.freeze` of Ruby, `!` of TypeScript. */
const stringConversion = /^(?:\.(?:to_string|into|to_owned|to_sym|freeze|trimIndent)(?:\(\))?|!)$/

function readString({ tokens, text }: Source, range: TokenRange): Literal | null {
  const own = range.map((index) => tokens[index])
  const at = own.findIndex((token) => token?.kind === 'string')
  const string = own[at]
  if (string === undefined || at > 2) return null
  const before = text.slice(own[0]?.start ?? 0, string.start)
  const after = text.slice(string.end, own.at(-1)?.end ?? string.end)
  if (before !== '' && !stringPrefix.test(before)) return null
  if (after !== '' && !stringConversion.test(after)) return null
  return { kind: 'string', text: text.slice(string.contentStart, string.contentEnd) }
}

/** A symbol of Ruby, such as `:enabled`. */
function readSymbol(source: Source, range: TokenRange): Literal | null {
  const [colon, word] = range.map((index) => source.tokens[index])
  if (source.language.name !== 'ruby' || range.length !== 2) return null
  if (word?.kind !== 'word' || getTokenText(source, colon) !== ':') return null
  return { kind: 'string', start: word.start, text: getTokenText(source, word) }
}

/** A number with its sign and its type: `-1`, `1_000u32`, `0.5f`, `1e-6`. */
const numberForm =
  /^(?<sign>-\s*)?(?<digits>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:[fFdDmMlL]|[ui](?:8|16|32|64)|f32|f64)?$/

function readNumber(text: string): Literal | null {
  const found = numberForm.exec(text.replaceAll('_', ''))?.groups
  if (found === undefined) return null
  const value = Number(found['digits'])
  return { kind: 'number', number: found['sign'] === undefined ? value : -value }
}

function readConstant(text: string): Literal | null {
  const constant = constants.get(text)
  return constant === undefined ? null : { kind: 'constant', constant }
}

/** True for a word such as `true` and `None`. */
export function isConstant(word: string): boolean {
  return constants.has(word)
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
