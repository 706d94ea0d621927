import { parseJson } from '@anthology/wire'

/**
 * Reads YAML in the form that `printYaml` prints, with comments at its beginning; undefined for text in any other form,
 * which a general parser has to read. Long streams have ten thousands of lines, for which that takes seconds.
 */
export function readPrintedYaml(text: string): unknown {
  const lines = text.split('\n')
  if (lines.pop() !== '' || unprintable.test(text)) return undefined
  const reader: Reader = { lines, at: 0 }
  while (lines[reader.at]?.startsWith('#')) reader.at += 1
  try {
    const value = readBlock(reader, 0)
    return reader.at === lines.length ? value : undefined
  } catch {
    // Another form, or a line that is too long for a regular expression.
    return undefined
  }
}

/** Characters that the printer escapes; a carriage return would end a line. */
const unprintable = /[^\t\n\x20-\x7e\u{a0}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/u

interface Reader {
  readonly lines: readonly string[]
  at: number
}

const otherForm = new Error('the text has another form than the printer gives it')

/** Reads the list or the members whose lines are indented by so many spaces. */
function readBlock(reader: Reader, indent: number): unknown {
  return peek(reader, indent)?.startsWith('-') ? readList(reader, indent) : readMembers(reader, indent, {})
}

/** The next line without its indentation; null if it has another one. */
function peek({ lines, at }: Reader, indent: number): string | null {
  const line = lines[at]
  if (line === undefined || line.search(/[^ ]/) !== indent) return null
  return line.slice(indent)
}

function readList(reader: Reader, indent: number): readonly unknown[] {
  const items: unknown[] = []
  for (let line = peek(reader, indent); line?.startsWith('- '); line = peek(reader, indent)) {
    reader.at += 1
    const rest = line.slice(2)
    items.push(
      memberLine.test(rest)
        ? readMembers(reader, indent + 2, readMember(reader, indent + 2, rest))
        : readScalar(reader, indent + 2, rest),
    )
  }
  return items
}

function readMembers(
  reader: Reader,
  indent: number,
  first: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const members: [string, unknown][] = Object.entries(first)
  for (let line = peek(reader, indent); line !== null; line = peek(reader, indent)) {
    reader.at += 1
    members.push(...Object.entries(readMember(reader, indent, line)))
  }
  if (members.length === 0 || new Set(members.map(([name]) => name)).size < members.length) throw otherForm
  return Object.fromEntries(members)
}

/** A name in one of three forms, and its value. */
const memberLine =
  /^(?:([A-Za-z/](?:[\w/.?=&-]|:(?=[\w/]))*)|'([^']*(?:''[^']*)*)'|("[^"\\]*(?:\\.[^"\\]*)*")):(?: (.*))?$/

function readMember(reader: Reader, indent: number, line: string): Readonly<Record<string, unknown>> {
  const match = memberLine.exec(line)
  if (match === null) throw otherForm
  const [, plain, single, double, rest] = match
  const name = plain ?? single?.replaceAll("''", "'") ?? parseJson(double ?? '')
  if (
    typeof name !== 'string' ||
    name.length > maxNameLength ||
    name === '__proto__' ||
    (plain !== undefined && isReserved(plain))
  )
    throw otherForm
  if (rest !== undefined) return { [name]: readScalar(reader, indent, rest) }
  const isFlat = peek(reader, indent)?.startsWith('- ') ?? false
  return { [name]: isFlat ? readList(reader, indent) : readBlock(reader, indent + 2) }
}

/** YAML allows names of at most 1,024 characters. */
const maxNameLength = 1_000

function readScalar(reader: Reader, indent: number, text: string): unknown {
  if (text === '|-') return readLiteral(reader, indent + 2)
  if (text.startsWith("'")) return readSingleQuoted(text)
  if (plainText.test(text) && !isReserved(text)) return text
  if (!jsonScalar.test(text)) throw otherForm
  const value = parseJson(text)
  if (value === undefined) throw otherForm
  return value
}

function readSingleQuoted(text: string): string {
  const inner = text.slice(1, -1)
  if (text.length < 2 || !text.endsWith("'") || inner.replaceAll("''", '').includes("'")) throw otherForm
  return inner.replaceAll("''", "'")
}

const plainText = /^[A-Za-z/](?:[\w/.?=&-]|:(?=[\w/]))*$/
/** A quoted text, a whole number, a list of numbers, or one of a few words. */
const jsonScalar =
  /^(?:"[^"\\]*(?:\\.[^"\\]*)*"|0|[1-9]\d{0,14}|true|false|null|\{\}|\[(?:\d{1,15}(?:, \d{1,15})*)?\])$/

function isReserved(text: string): boolean {
  return /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
}

/** The lines of a block; its empty lines have no indentation. */
function readLiteral(reader: Reader, indent: number): string {
  const spaces = ' '.repeat(indent)
  const lines: string[] = []
  for (let line = reader.lines[reader.at]; line !== undefined; line = reader.lines[reader.at]) {
    if (line !== '' && !line.startsWith(spaces)) break
    lines.push(line.slice(indent))
    reader.at += 1
  }
  const text = lines.join('\n')
  if (lines.length < 2 || /^\s|\s$/.test(text)) throw otherForm
  return text
}
