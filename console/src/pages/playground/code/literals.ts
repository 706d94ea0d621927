/** Prints JSON values as literals of other languages. */

/** Bytes, which JSON has as base64 and other languages as a value of their own. */
export class Base64Bytes {
  readonly base64: string

  constructor(base64: string) {
    this.base64 = base64
  }

  toJSON(): string {
    return this.base64
  }
}

interface LiteralStyle {
  readonly words: { readonly true: string; readonly false: string; readonly null: string }
  readonly string: (value: string) => string
  readonly member: (name: string, value: string) => string
  readonly bytes: (base64: string) => string
}

/** The escapes of JSON mean the same in Python. */
const python: LiteralStyle = {
  words: { true: 'True', false: 'False', null: 'None' },
  string: (value) => JSON.stringify(value),
  member: (name, value) => `${JSON.stringify(name)}: ${value}`,
  bytes: (base64) => `base64.b64decode(${base64})`,
}

/** In Ruby `#` begins an interpolation. */
const ruby: LiteralStyle = {
  words: { true: 'true', false: 'false', null: 'nil' },
  string: printRubyString,
  member: (name, value) => `${/^[a-z_]\w*$/i.test(name) ? name : printRubyString(name)}: ${value}`,
  bytes: (base64) => `${base64}.unpack1("m")`,
}

/** `__proto__` in quotes would set the prototype of the object. */
const typeScript: LiteralStyle = {
  words: { true: 'true', false: 'false', null: 'null' },
  string: (value) => JSON.stringify(value),
  member(name, value) {
    const isPlain = /^[A-Za-z]\w*$/.test(name)
    return `${isPlain ? name : name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${value}`
  },
  bytes: (base64) => `Buffer.from(${base64}, 'base64')`,
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

export function printTypeScript(value: unknown, indent: number): string {
  return printLiteral(value, typeScript, { step: 2, indent })
}

/** Go's raw strings cannot contain a backtick; in JSON it stands only in strings, where it can be escaped. */
export function printGoJson(value: unknown): string {
  return `\`${JSON.stringify(value, null, 2).replaceAll('`', '\\u0060')}\``
}

/** PHP's strings in single quotes have two escapes. */
export function printPhpString(value: string): string {
  return `'${value.replaceAll(/['\\]/g, '\\$&')}'`
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
  if (value instanceof Base64Bytes) return style.bytes(style.string(value.base64))
  const items = Array.isArray(value)
    ? value.map((item: unknown) => printLiteral(item, style, inner))
    : Object.entries(value).map(([name, item]) => style.member(name, printLiteral(item, style, inner)))
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (items.length === 0) return `${open}${close}`
  const pad = ' '.repeat(inner.indent)
  return `${open}\n${items.map((item) => pad + item).join(',\n')}${style === python ? ',' : ''}\n${' '.repeat(indent)}${close}`
}
