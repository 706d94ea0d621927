/** Joins parts into one; a single part is handed on as it is. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (only && parts.length === 1) return only
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The bytes of a text, then given bytes, then those of another text; in one step where the texts are ASCII. */
export function encodeAround(before: string, middle: Uint8Array, behind: string): Uint8Array {
  const whole = new Uint8Array(before.length + middle.length + behind.length)
  // A text that is not ASCII has more bytes than letters: it leaves too little room, and is not read to its end.
  const isAscii = isWritten(before, whole, 0) && isWritten(behind, whole, before.length + middle.length)
  if (!isAscii) return concatBytes([utf8.encode(before), middle, utf8.encode(behind)])
  whole.set(middle, before.length)
  return whole
}

function isWritten(text: string, into: Uint8Array, at: number): boolean {
  const { read, written } = utf8.encodeInto(text, into.subarray(at, at + text.length))
  return read === text.length && written === read
}

const utf8 = new TextEncoder()
