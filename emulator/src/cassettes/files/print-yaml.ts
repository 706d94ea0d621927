import { isRecord } from '@anthology/wire'

/**
 * Prints a value of JSON as YAML. It always gives the same text for the same value, so that a new recording changes few
 * lines, and every string is read back exactly as it was. A general printer folds and quotes by its own choice.
 */
export function printYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return printList(value, indent)
  if (isRecord(value)) return printMembers(Object.entries(value), indent)
  return `${printScalar(value, indent)}\n`
}

function printList(items: readonly unknown[], indent: string): string {
  return items
    .map((item) => {
      // The first member stands behind the dash.
      const text = printYaml(item, `${indent}  `)
      return `${indent}- ${isRecord(item) && Object.keys(item).length > 0 ? text.slice(indent.length + 2) : text}`
    })
    .join('')
}

function printMembers(members: readonly (readonly [string, unknown])[], indent: string): string {
  if (members.length === 0) return '{}\n'
  return members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${indent}${printName(name)}:${printMember(value, indent)}`)
    .join('')
}

function printMember(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'number')) return ` [${value.join(', ')}]\n`
    return `\n${printList(value, `${indent}  `)}`
  }
  if (isRecord(value) && Object.keys(value).length > 0) return `\n${printYaml(value, `${indent}  `)}`
  return ` ${printYaml(value, indent)}`
}

function printScalar(value: unknown, indent: string): string {
  return typeof value === 'string' ? printString(value, indent) : JSON.stringify(value ?? null)
}

function printString(text: string, indent: string): string {
  return isBlock(text) ? printBlock(text, `${indent}  `) : printName(text)
}

/** A text in one line. */
function printName(text: string): string {
  if (plainText.test(text) && !reservedWord.test(text)) return text
  if (!unprintable.test(text)) return `'${text.replaceAll("'", "''")}'`
  return JSON.stringify(text).replaceAll(escaped, (character) => escapeCharacter(character))
}

/** Texts that no version of YAML reads as anything else. */
const plainText = /^[A-Za-z/](?:[\w/.?=&-]|:(?=[\w/]))*$/
const reservedWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** Characters that YAML does not print as they are in a quoted line (YAML 1.2.2, 5.1), and line ends. */
const unprintable =
  /[^\x20-\x7e\u{a0}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/u
const unprintableInBlock =
  /[^\t\n\x20-\x7e\u{a0}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/u
const escaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A text of several lines whose ends are certain. */
function isBlock(text: string): boolean {
  return text.includes('\n') && !/^\s|\s$/.test(text) && !unprintableInBlock.test(text)
}

function printBlock(text: string, indent: string): string {
  const lines = text.split('\n').map((line) => (line === '' ? '' : indent + line))
  return `|-\n${lines.join('\n')}`
}
