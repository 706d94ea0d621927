/**
 * How many bytes of UTF-8 a value has as JSON without blanks. Objects that `skip` names count as empty. It walks
 * without recursion, so depth is no matter; what JSON has no form for counts nothing, and an object that stands in it
 * twice, as in parsed JSON none does, counts once.
 */
export function jsonBytes(
  root: unknown,
  skip: (value: Readonly<Record<string, unknown>>) => boolean = () => false,
): number {
  let bytes = 0
  const seen = new Set<unknown>()
  const pending = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value === 'string') bytes += textBytes(value)
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      bytes += String(value).length
    } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value)
      if (!Array.isArray(value) && skip({ ...value })) {
        bytes += 2
        continue
      }
      // The two brackets, and a comma after each member but the last. An array's keys are not written.
      const members = Object.entries(value).filter(([, member]) => member !== undefined)
      bytes += 2 + Math.max(0, members.length - 1)
      if (!Array.isArray(value)) for (const [name] of members) bytes += textBytes(name) + 1
      for (const [, member] of members) pending.push(member)
    }
  }
  return bytes
}

/** With its quotes, and escapes as JSON.stringify writes them: two bytes for the short ones, six for the others. */
function textBytes(text: string): number {
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

const shortEscapes: readonly number[] = [0x08, 0x09, 0x0a, 0x0c, 0x0d]

/** Half of a pair: a pair is four bytes, two for each. */
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
