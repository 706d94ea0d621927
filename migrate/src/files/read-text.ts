import { readFile, stat } from 'node:fs/promises'

export type ReadText =
  /** `text` null: it cannot mention a model. */
  | { readonly kind: 'text'; readonly text: string | null; readonly isExact: boolean }
  | { readonly kind: 'binary' }
  | { readonly kind: 'large' }

const maxFileBytes = 1_000_000
const maxProbedBytes = 8000

/** The texts without which a file has nothing to find; each is searched in the bytes, before anything is decoded. */
const needles = ['laude', 'LAUDE', 'nthropic', 'NTHROPIC'].map((text) => Buffer.from(text))

/** Reads a file as text, unless it is binary or larger than 1 MB. */
export async function readText(path: string): Promise<ReadText> {
  const { size } = await stat(path)
  if (size > maxFileBytes) return { kind: 'large' }
  const bytes = await readFile(path)
  if (bytes.subarray(0, maxProbedBytes).includes(0)) return { kind: 'binary' }
  if (!needles.some((needle) => bytes.includes(needle))) return { kind: 'text', text: null, isExact: true }
  const text = bytes.toString('utf8')
  // Bytes that are not UTF-8 would be lost if the text were written back.
  return { kind: 'text', text, isExact: Buffer.byteLength(text) === bytes.length && !text.includes('\ufffd') }
}
