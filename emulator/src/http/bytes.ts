import { joinBytes } from '@anthology/wire'

/** The bytes of a text, then given bytes, then those of another text; in one step where the texts are ASCII. */
export function encodeAround(before: string, middle: Uint8Array, behind: string): Uint8Array {
  const whole = new Uint8Array(before.length + middle.length + behind.length)
  // A text that is not ASCII has more bytes than letters: it leaves too little room, and is not read to its end.
  const isAscii = isWritten(before, whole, 0) && isWritten(behind, whole, before.length + middle.length)
  if (!isAscii) return joinBytes([utf8.encode(before), middle, utf8.encode(behind)])
  whole.set(middle, before.length)
  return whole
}

function isWritten(text: string, into: Uint8Array, at: number): boolean {
  const { read, written } = utf8.encodeInto(text, into.subarray(at, at + text.length))
  return read === text.length && written === read
}

const utf8 = new TextEncoder()
