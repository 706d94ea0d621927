/** Prints JSON values as literals of other languages. */

interface LiteralStyle {
  readonly words: { readonly true: string; readonly false: string; readonly null: string }
  readonly string: (value: string) => string
  readonly member: (name: string, value: string) => string
}

/** The escapes of JSON mean the same in Python. */
const python: LiteralStyle = {
  words: { true: 'True', false: 'False', null: 'None' },
  string: (value) => JSON.stringify(value),
  member: (name, value) => `${JSON.stringify(name)}: ${value}`,
}

/** In Ruby `#` begins an interpolation. */
const ruby: LiteralStyle = {
  words: { true: 'true', false: 'false', null: 'nil' },
  string: printRubyString,
  member: (name, value) => `${/^[a-z_]\w*$/i.test(name) ? name : printRubyString(name)}: ${value}`,
}

function printRubyString(value: string): string {
  return JSON.stringify(value).replaceAll('#', '\\#')
}

export function printPython(value: unknown, indent: number): string {
  return printLiteral(value, python, { step: 4, indent })
}

export function printRuby(value: unknown, indent: number): string {
  return printLiteral(value, ruby, { step: 2, indent })
}

/** `__proto__` in quotes would set the prototype of the object. */
export function printTypeScript(value: unknown, indent: number): string {
  return indentLines(
    JSON.stringify(value, null, 2)
      .replaceAll(/^(\s*)"([A-Za-z]\w*)":/gm, '$1$2:')
      .replaceAll(/^(\s*)"__proto__":/gm, '$1["__proto__"]:'),
    indent,
  )
}

/** Go's raw strings cannot contain a backtick; in JSON it stands only in strings, where it can be escaped. */
export function printGoJson(value: unknown): string {
  return `\`${JSON.stringify(value, null, 2).replaceAll('`', '\\u0060')}\``
}

/** In a Java text block a backslash begins an escape. Three quotes in a row do not occur in JSON. */
export function printJavaText(value: unknown): string {
  return `"""\n${JSON.stringify(value, null, 2).replaceAll('\\', '\\\\')}\n"""`
}

interface Layout {
  readonly step: number
  readonly indent: number
}

function printLiteral(value: unknown, style: LiteralStyle, { step, indent }: Layout): string {
  const inner = { step, indent: indent + step }
  if (typeof value === 'string') return style.string(value)
  if (value === null || value === undefined) return style.words.null
  if (typeof value === 'boolean') return style.words[`${value}`]
  if (typeof value !== 'object') return JSON.stringify(value)
  const items = Array.isArray(value)
    ? value.map((item: unknown) => printLiteral(item, style, inner))
    : Object.entries(value).map(([name, item]) => style.member(name, printLiteral(item, style, inner)))
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (items.length === 0) return `${open}${close}`
  const pad = ' '.repeat(inner.indent)
  return `${open}\n${items.map((item) => pad + item).join(',\n')}${style === python ? ',' : ''}\n${' '.repeat(indent)}${close}`
}

function indentLines(text: string, indent: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(indent)}`)
}
