import { WireError } from '../error.ts'
import { parseJson } from './json-value.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from './json-bytes.ts'

/** A top-level member of a body. All offsets are in bytes; ends are exclusive. */
export interface Member {
  /** The name after unescaping. */
  readonly name: string
  /** Offset of the opening quote of the name. */
  readonly keyStart: number
  /** Offset just after the closing quote of the name. */
  readonly keyEnd: number
  readonly start: number
  readonly end: number
}

export interface BodyIndex {
  readonly ok: true
  /** Every top-level member, in body order. Names that are not in the `read` set may repeat. */
  readonly members: readonly Member[]
  /** Offset of the opening brace of the object. */
  readonly open: number
  /** Finds a member of the `read` set. Throws for any other name, because that name may occur twice. */
  get(name: string): Member | undefined
}

export interface BodyIndexError {
  readonly ok: false
  readonly because:
    | 'broken_json'
    | 'duplicate_member'
    | 'escaped_member'
    | 'not_an_array'
    | 'not_an_object'
    | 'too_many_members'
  /** Safe to show: the only name it may quote is one of the `read` set. */
  readonly message: string
  readonly offset: number
}

/** No request of any Claude protocol comes near this number of top-level members. */
export const maxMembers = 1_000

/**
 * Finds the top-level members of a JSON body without parsing their values.
 *
 * It is strict wherever a second reader could see a different document: structure and names at the top level
 * must follow RFC 8259, and a member in `read` may be neither repeated nor escaped. Otherwise
 * `{"model":"cheap","model":"costly"}` would bypass a check that reads only the first member. Errors inside a
 * value are left to the upstream, but a value always ends where every JSON reader ends it.
 */
export function indexBody(bytes: Uint8Array, read: ReadonlySet<string>): BodyIndex | BodyIndexError {
  return indexFrom(bytes, 0, read)
}

/**
 * Indexes a body that an upstream has sent. A byte order mark in front of it is skipped, as RFC 8259, section 8.1 allows a
 * reader: the answer may have been billed. A request with one is rejected, because another reader may reject it.
 */
export function indexAnswer(bytes: Uint8Array, read: ReadonlySet<string>): BodyIndex | BodyIndexError {
  const hasMark = byteOrderMark.every((byte, at) => bytes[at] === byte)
  return indexFrom(bytes, hasMark ? byteOrderMark.length : 0, read)
}

function indexFrom(bytes: Uint8Array, start: number, read: ReadonlySet<string>): BodyIndex | BodyIndexError {
  const open = skipWhitespace(bytes, start)
  if (bytes[open] !== openBrace) return fail('not_an_object', 'the body is not a JSON object', open)

  const members: Member[] = []
  const found = new Map<string, Member>()
  let at = skipWhitespace(bytes, open + 1)
  if (bytes[at] === closeBrace)
    return finish(bytes, at, { ok: true, members, open, get: lookUp(read, found) })

  for (;;) {
    const member = readMember(bytes, at)
    if (!member.ok) return member
    if (members.length === maxMembers)
      return fail('too_many_members', `the body has more than ${maxMembers} top-level members`, at)

    const { name, keyStart, keyEnd } = member.value
    if (read.has(name)) {
      // These names are ASCII, so one that takes more bytes has escapes.
      if (keyEnd - keyStart !== name.length + quotes)
        return fail('escaped_member', `${name}: the name of this member is written with escapes`, keyStart)
      if (found.has(name))
        return fail('duplicate_member', `${name}: this member stands in the body twice`, keyStart)
      found.set(name, member.value)
    }
    members.push(member.value)

    at = skipWhitespace(bytes, member.value.end)
    if (bytes[at] === closeBrace)
      return finish(bytes, at, { ok: true, members, open, get: lookUp(read, found) })
    if (bytes[at] !== comma) return broken(at)
    at = skipWhitespace(bytes, at + 1)
  }
}

/** Parses the value of one member. Returns undefined, which is no JSON value, if the value itself is broken. */
export function parseMember(bytes: Uint8Array, member: Member): unknown {
  const text = decodeStrictly(bytes.subarray(member.start, member.end))
  return text === undefined ? undefined : parseJson(text)
}

const byteOrderMark = [0xef, 0xbb, 0xbf] as const
const openBrace = 0x7b
const closeBrace = 0x7d
const quote = 0x22
const colon = 0x3a
const comma = 0x2c
const backslash = 0x5c

// A byte order mark inside a name or string is part of it, as in JSON.parse.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readMember(bytes: Uint8Array, keyStart: number): { ok: true; value: Member } | BodyIndexError {
  if (bytes[keyStart] !== quote) return broken(keyStart)
  const keyEnd = findStringEnd(bytes, keyStart)
  if (keyEnd < 0) return broken(bytes.length)
  const name = parseName(bytes, keyStart, keyEnd)
  if (name === undefined) return broken(keyStart)

  const colonAt = skipWhitespace(bytes, keyEnd)
  if (bytes[colonAt] !== colon) return broken(colonAt)
  const start = skipWhitespace(bytes, colonAt + 1)
  const end = findValueEnd(bytes, start)
  if (end < 0) return broken(start)
  return { ok: true, value: { name, keyStart, keyEnd, start, end } }
}

/** Decodes a string with JSON.parse, which rejects control characters and bad escapes. */
export function parseName(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  const plain = readPlainName(bytes, start, end)
  if (plain !== undefined) return plain
  const text = decodeStrictly(bytes.subarray(start, end))
  const name = text === undefined ? undefined : parseJson(text)
  return typeof name === 'string' ? name : undefined
}

/** Fast path for a short name of printable characters without escapes, as all names of the protocols are. */
function readPlainName(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start < quotes || end - start > maxPlainLength) return undefined
  let name = ''
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte < 0x20 || byte > 0x7e || byte === backslash || byte === quote) return undefined
    name += String.fromCharCode(byte)
  }
  return name
}

const maxPlainLength = 64
const quotes = 2

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}

function finish(bytes: Uint8Array, close: number, index: BodyIndex): BodyIndex | BodyIndexError {
  const after = skipWhitespace(bytes, close + 1)
  return after === bytes.length ? index : broken(after)
}

function lookUp(read: ReadonlySet<string>, found: ReadonlyMap<string, Member>): BodyIndex['get'] {
  return (name) => {
    if (!read.has(name))
      throw new WireError('member_not_read', `${name} is not among the members that are read`)
    return found.get(name)
  }
}

function broken(offset: number): BodyIndexError {
  return fail('broken_json', `the body is not valid JSON at byte ${offset}`, offset)
}

function fail(because: BodyIndexError['because'], message: string, offset: number): BodyIndexError {
  return { ok: false, because, message, offset }
}
