/**
 * Returns the UTF-8 size of a value as JSON without blanks. Objects that match `skip` count as empty. The
 * walk is not recursive, so depth is not limited. Values without a JSON form count as zero, and a repeated
 * reference, which parsed JSON cannot contain, counts once.
 */
export function jsonBytes(root: unknown, skip: (value: Members) => boolean = () => false): number {
  let bytes = 0
  const seen = new Set<object>()
  const pending = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value === 'string') bytes += textBytes(value)
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      bytes += String(value).length
    } else if (typeof value === 'object' && !seen.has(value)) {
      seen.add(value)
      bytes += Array.isArray(value) ? openList(value, pending) : openMembers(value, pending, skip)
    }
  }
  return bytes
}

type Members = Readonly<Record<string, unknown>>

/** Counts the list's own punctuation; its items are pending. */
function openList(items: readonly unknown[], pending: unknown[]): number {
  let count = 0
  for (const item of items) {
    if (item === undefined) continue
    pending.push(item)
    count += 1
  }
  return brackets(count)
}

function openMembers(value: object, pending: unknown[], skip: (value: Members) => boolean): number {
  // An object that is not a list; only its member names are read.
  const members = value as Members
  if (skip(members)) return brackets(0)
  let count = 0
  let bytes = 0
  for (const name of Object.keys(members)) {
    const member = members[name]
    if (member === undefined) continue
    bytes += textBytes(name) + 1
    pending.push(member)
    count += 1
  }
  return brackets(count) + bytes
}

/** The two brackets, and a comma after each member but the last. */
function brackets(count: number): number {
  return 2 + Math.max(0, count - 1)
}

/** Including quotes and escapes as JSON.stringify writes them: two bytes for the short ones, six for the others. */
function textBytes(text: string): number {
  if (!unplain.test(text)) return text.length + 2
  let bytes = text.length + 2
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20) bytes += shortEscapes.includes(code) ? 1 : 5
    else if (code === 0x22 || code === 0x5c) bytes += 1
    else if (code >= 0x80 && code < 0x800) bytes += 1
    else if (code >= 0x800) bytes += isPaired(text, at) ? 1 : isSurrogate(code) ? 5 : 2
  }
  return bytes
}

/**
 * Characters longer than one byte: non-ASCII and escaped ones. Most texts have none, and the regex search
 * is native code.
 */
const unplain = /[^\x20\x21\x23-\x5b\x5d-\x7f]/

const shortEscapes: readonly number[] = [0x08, 0x09, 0x0a, 0x0c, 0x0d]

/** Half of a surrogate pair: a pair is four bytes, two for each half. */
function isPaired(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code >= 0xd800 && code < 0xdc00) return isLow(text.charCodeAt(at + 1))
  return isLow(code) && isHigh(text.charCodeAt(at - 1))
}

function isSurrogate(code: number): boolean {
  return isHigh(code) || isLow(code)
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}
