/** One part of a `multipart/form-data` body (RFC 7578). */
export interface Part {
  readonly name: string
  readonly filename: string | null
  readonly contentType: string | null
  readonly bytes: Uint8Array
}

export const maxParts = 32
const maxHeadBytes = 16_384

/** Returns the parts of a form as views into the body; null if the body is not a form. */
export function parseMultipart(body: Uint8Array, contentType: string): readonly Part[] | null {
  const boundary = findBoundary(contentType)
  if (boundary === null) return null
  // The first boundary may be at the very start; each later one follows a line break.
  const mark = utf8.encode(`\r\n--${boundary}`)
  const first = mark.subarray(2)
  let at = startsWith(body, first, 0) ? first.length : findEnd(body, mark, 0)
  const parts: Part[] = []
  while (at >= 0 && parts.length <= maxParts) {
    if (startsWith(body, dashes, at)) return parts
    at = findEnd(body, lineBreak, at)
    const next = at < 0 ? -1 : findIndex(body, mark, at)
    if (next < 0) return null
    const part = parsePart(body.subarray(at, next))
    if (!part) return null
    parts.push(part)
    at = next + mark.length
  }
  return null
}

function findBoundary(contentType: string): string | null {
  if (!/^multipart\/form-data\b/i.test(contentType.trim())) return null
  const [, quoted, unquoted] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? unquoted ?? null
}

function parsePart(bytes: Uint8Array): Part | null {
  const head = bytes.subarray(0, maxHeadBytes)
  const end = findIndex(head, headEnd, 0)
  if (end < 0) return null
  const headers = lenientUtf8.decode(head.subarray(0, end)).split('\r\n')
  const disposition = findHeader(headers, 'content-disposition')
  const name = disposition && findParameter(disposition, 'name')
  if (!name) return null
  return {
    name,
    filename: findExtendedParameter(disposition, 'filename') ?? findParameter(disposition, 'filename'),
    contentType: findHeader(headers, 'content-type'),
    bytes: bytes.subarray(end + headEnd.length),
  }
}

function findHeader(headers: readonly string[], name: string): string | null {
  const header = headers.find((line) => line.toLowerCase().startsWith(`${name}:`))
  return header?.slice(name.length + 1).trim() ?? null
}

/** Browsers percent-encode only quotation marks and line breaks in a name (HTML standard). */
function findParameter(disposition: string, name: string): string | null {
  const [, quoted, unquoted] =
    new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]+))`, 'i').exec(disposition) ?? []
  const value = quoted ?? unquoted
  return (
    value?.replaceAll(/%22|%0d|%0a/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))) ??
    null
  )
}

/** `filename*=UTF-8''...`, which some clients send in addition to a plain one (RFC 5987). */
function findExtendedParameter(disposition: string, name: string): string | null {
  const [, value] = new RegExp(`;\\s*${name}\\*=utf-8''([^\\s;]+)`, 'i').exec(disposition) ?? []
  if (value === undefined) return null
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}

const utf8 = new TextEncoder()
const lenientUtf8 = new TextDecoder()
const lineBreak = utf8.encode('\r\n')
const headEnd = utf8.encode('\r\n\r\n')
const dashes = utf8.encode('--')

function findEnd(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  const start = findIndex(bytes, mark, from)
  return start < 0 ? -1 : start + mark.length
}

/** Searches for the first byte, then compares: a file may have hundreds of megabytes, or consist of line breaks. */
function findIndex(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  const [first = 0] = mark
  let at = findByte(bytes, first, from)
  while (at >= 0 && !startsWith(bytes, mark, at)) at = findByte(bytes, first, at + 1)
  return at
}

/** The engine's native search is fast over long distances, but a call of it costs as much as reading some bytes. */
function findByte(bytes: Uint8Array, byte: number, from: number): number {
  const nearEnd = Math.min(from + nearBytes, bytes.length)
  for (let at = from; at < nearEnd; at += 1) if (bytes[at] === byte) return at
  return bytes.indexOf(byte, nearEnd)
}

const nearBytes = 16

function startsWith(bytes: Uint8Array, mark: Uint8Array, at: number): boolean {
  for (let offset = 0; offset < mark.length; offset += 1)
    if (bytes[at + offset] !== mark[offset]) return false
  return true
}
