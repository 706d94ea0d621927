import { toBytes, decodeLatin1Text } from './base64.ts'
import { inflateZlib } from './inflate.ts'

/**
 * Counts the pages of a PDF, given as a string with one character per byte; null if it is not a PDF or names no pages.
 * Reads the objects of the file and of compressed object streams (ISO 32000-1, 7.5.7); a later object replaces an earlier
 * one with the same number. The count is the page tree's `/Count`, or else the number of page objects.
 *
 * Not supported: object streams of encrypted files, and filters other than FlateDecode.
 */
export function countPdfPages(latin1: string): number | null {
  if (!latin1.slice(0, 1_024).includes('%PDF-')) return null
  const objects = readObjects(latin1)
  const dictionaries = [...objects.values()]
  const catalog = dictionaries.findLast((text) => types.catalog.test(text))
  const root = objects.get(Number(/\/Pages\s{0,8}(\d{1,10})\s/.exec(catalog ?? '')?.[1]))
  const stated = Number(/\/Count\s{0,8}(\d{1,7})(?!\s{1,4}\d{1,10}\s{1,4}R)/.exec(root ?? '')?.[1] ?? 0)
  const pages = stated > 0 ? stated : dictionaries.filter((text) => types.page.test(text)).length
  return pages > 0 ? pages : null
}

/** The relevant objects, by their `/Type`. */
const types = {
  catalog: /\/Type\s{0,8}\/Catalog(?![A-Za-z])/,
  page: /\/Type\s{0,8}\/Page(?![A-Za-z])/,
  objectStream: /\/Type\s{0,8}\/ObjStm(?![A-Za-z])/,
} as const

/**
 * Reads the objects by number, each as the text of its dictionary, without stream contents. Linear: every character is
 * read once or twice, whatever the file declares.
 */
function readObjects(latin1: string): ReadonlyMap<number, string> {
  const objects = new Map<number, string>()
  let unpackedBytes = 0
  let found = 0
  for (let at = latin1.indexOf('obj'); at !== -1 && found < maxObjects;) {
    const number = numberBefore(latin1, at)
    const start = at + 3
    at = latin1.indexOf('obj', start)
    if (number === null) continue
    found += 1
    const text = dictionaryIn(
      latin1.slice(start, Math.min(at === -1 ? Infinity : at, start + maxDictionaryLength)),
    )
    store(objects, number, text)
    if (!types.objectStream.test(text) || unpackedBytes >= maxUnpackedBytes) continue
    const packed = streamAt(latin1, start + text.length)
    const content = decodeLatin1Text(inflateZlib(toBytes(packed), maxUnpackedBytes - unpackedBytes))
    unpackedBytes += content.length
    for (const [inner, innerText] of readObjectStream(text, content)) {
      found += 1
      store(objects, inner, innerText)
    }
    at = latin1.indexOf('obj', start + text.length + packed.length)
  }
  return objects
}

/** The limit for all decompressed object streams; a page's dictionary is below a kilobyte. */
const maxUnpackedBytes = 32 * 1024 * 1024
const maxObjects = 500_000
const maxDictionaryLength = 65_536

/** A later object replaces an earlier one and moves to the end of the order. */
function store(objects: Map<number, string>, number: number, text: string): void {
  objects.delete(number)
  objects.set(number, text)
}

/** Returns the `12` of `12 0 obj`; null in `endobj` and in any other text. */
function numberBefore(latin1: string, at: number): number | null {
  if (latin1.charCodeAt(at - 1) > 0x20) return null
  const digits = /(\d{1,10})\s{1,4}\d{1,5}\s{1,4}$/.exec(latin1.slice(Math.max(0, at - 24), at))?.[1]
  return digits === undefined ? null : Number(digits)
}

function dictionaryIn(text: string): string {
  const ends = ['stream', 'endobj'].map((word) => text.indexOf(word)).filter((at) => at !== -1)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** Returns the text between `stream` and `endstream`. */
function streamAt(latin1: string, at: number): string {
  if (!latin1.startsWith('stream', at)) return ''
  const start = at + (latin1.startsWith('stream\r\n', at) ? 8 : 7)
  const end = latin1.indexOf('endstream', start)
  return latin1.slice(start, end === -1 ? undefined : end)
}

/** Reads `/N` pairs of number and offset, then the objects, which start at `/First`. */
function* readObjectStream(dictionary: string, content: string): Generator<[number, string]> {
  const count = Number(/\/N\s{0,8}(\d{1,7})/.exec(dictionary)?.[1] ?? 0)
  const first = Number(/\/First\s{0,8}(\d{1,9})/.exec(dictionary)?.[1] ?? 0)
  const header = content.slice(0, first).split(/\s+/).filter(Boolean).map(Number)
  let start = first
  for (let index = 0; index < Math.min(count, header.length / 2); index += 1) {
    const end = index + 1 < count ? first + (header[index * 2 + 3] ?? Infinity) : content.length
    yield [header[index * 2] ?? 0, content.slice(start, Math.min(end, start + maxDictionaryLength))]
    // Offsets that go back are not followed, because the same text would be read repeatedly.
    start = Math.max(start, end)
  }
}
