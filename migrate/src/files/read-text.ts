import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export type ReadText =
  /** `text` null: it cannot mention a model. */
  | { readonly kind: 'text'; readonly text: string | null; readonly isExact: boolean }
  | { readonly kind: 'binary' }
  | { readonly kind: 'large' }

const maxFileBytes = 1_000_000
const maxProbedBytes = 8000

/** The texts without which a file has nothing to find; each is searched in the bytes, before anything is decoded. */
const needles = ['laude', 'LAUDE', 'nthropic', 'NTHROPIC'].map((text) => Buffer.from(text))

/**
 * Reads a file as text, unless it is binary or larger than 1 MB. Reading without waiting is faster than asking the thread
 * pool for each of many small files. `always`: the text is wanted even if it mentions no model.
 */
export function readText(path: string, { always = false } = {}): ReadText {
  const bytes = readBytes(path)
  if (bytes === null) return { kind: 'large' }
  if (bytes.subarray(0, maxProbedBytes).includes(0)) return { kind: 'binary' }
  if (!always && !needles.some((needle) => bytes.includes(needle)))
    return { kind: 'text', text: null, isExact: true }
  const text = bytes.toString('utf8')
  // Bytes that are not UTF-8 would be lost if the text were written back.
  return { kind: 'text', text, isExact: Buffer.byteLength(text) === bytes.length && !text.includes('\ufffd') }
}

/** One buffer for all files of this thread; its bytes are valid until the next file is read. */
const buffer = Buffer.allocUnsafe(maxFileBytes + 1)

/** Null: the file is too large. */
function readBytes(path: string): Buffer | null {
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).size > maxFileBytes) return null
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null)
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}
