import { toBytes, decodeLatin1Text } from './base64.ts'
import { inflateZlib } from './inflate.ts'

/**
 * How many pages a PDF has, given as a string with a character for each byte; null where it is no
 * PDF or does not say. The objects are read as they stand, in the file or in compressed object
 * streams (ISO 32000-1, 7.5.7), the later one where an update has replaced an earlier; then the
 * page tree's own `/Count` is believed, or else the page objects are counted.
 *
 * Not read: an encrypted file's object streams, and filters other than FlateDecode.
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

/** Which objects are looked for, by their `/Type`. */
const types = {
  catalog: /\/Type\s{0,8}\/Catalog(?![A-Za-z])/,
  page: /\/Type\s{0,8}\/Page(?![A-Za-z])/,
  objectStream: /\/Type\s{0,8}\/ObjStm(?![A-Za-z])/,
} as const

/**
 * Objects by number, each as the text of its dictionary; a stream's content is not kept. Every
 * character is looked at once or twice, whatever the file says of itself.
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

/** What object streams may unpack to in all: a page's dictionary is below a kilobyte. */
const maxUnpackedBytes = 32 * 1024 * 1024
const maxObjects = 500_000
const maxDictionaryLength = 65_536

/** A later object stands in the place of an earlier one, and behind it in order. */
function store(objects: Map<number, string>, number: number, text: string): void {
  objects.delete(number)
  objects.set(number, text)
}

/** The `12` of `12 0 obj`; null in `endobj` and wherever else the letters stand. */
function numberBefore(latin1: string, at: number): number | null {
  if (latin1.charCodeAt(at - 1) > 0x20) return null
  const digits = /(\d{1,10})\s{1,4}\d{1,5}\s{1,4}$/.exec(latin1.slice(Math.max(0, at - 24), at))?.[1]
  return digits === undefined ? null : Number(digits)
}

function dictionaryIn(text: string): string {
  const ends = ['stream', 'endobj'].map((word) => text.indexOf(word)).filter((at) => at !== -1)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** What stands between `stream` and `endstream`. */
function streamAt(latin1: string, at: number): string {
  if (!latin1.startsWith('stream', at)) return ''
  const start = at + (latin1.startsWith('stream\r\n', at) ? 8 : 7)
  const end = latin1.indexOf('endstream', start)
  return latin1.slice(start, end === -1 ? undefined : end)
}

/** `/N` pairs of number and offset, then the objects from `/First` on, one behind the other. */
function* readObjectStream(dictionary: string, content: string): Generator<[number, string]> {
  const count = Number(/\/N\s{0,8}(\d{1,7})/.exec(dictionary)?.[1] ?? 0)
  const first = Number(/\/First\s{0,8}(\d{1,9})/.exec(dictionary)?.[1] ?? 0)
  const header = content.slice(0, first).split(/\s+/).filter(Boolean).map(Number)
  let start = first
  for (let index = 0; index < Math.min(count, header.length / 2); index += 1) {
    const end = index + 1 < count ? first + (header[index * 2 + 3] ?? Infinity) : content.length
    yield [header[index * 2] ?? 0, content.slice(start, Math.min(end, start + maxDictionaryLength))]
    // Offsets that go back are not followed: the same text would be read again and again.
    start = Math.max(start, end)
  }
}
