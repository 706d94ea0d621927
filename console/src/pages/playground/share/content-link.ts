import type { SavedContent } from '../content.ts'
import { isTooDeep } from '../members.ts'
import { omitTokens, readContent } from '../prompts/saved-content.ts'

/** Chat and mail programs cut longer addresses. */
const maxLinkLetters = 16_000
/** A short link can expand to very much. */
const maxTextBytes = 1024 * 1024

/**
 * Prints a content as the fragment of an address, which browsers send to no server. Null: it is too large for a link.
 */
export async function printFragment(content: SavedContent): Promise<string | null> {
  const bytes = new TextEncoder().encode(JSON.stringify(omitTokens(content)))
  if (bytes.length > maxTextBytes) return null
  const packed = await readAll(new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw')))
  if (packed === null || packed.length > maxLinkLetters) return null
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''))
  const fragment = `prompt=${letters.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
  return fragment.length > maxLinkLetters ? null : fragment
}

/** Whether a fragment claims to be one of these; anybody may have written it. */
export function isFragment(fragment: string): boolean {
  return fragment.startsWith('prompt=')
}

/** Null for a fragment that is no content. */
export async function parseFragment(fragment: string): Promise<SavedContent | null> {
  try {
    const letters = atob(fragment.slice('prompt='.length).replaceAll('-', '+').replaceAll('_', '/'))
    const packed = new Blob([Uint8Array.from(letters, (letter) => letter.charCodeAt(0))])
    const bytes = await readAll(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')))
    if (bytes === null) return null
    const text = new TextDecoder().decode(bytes)
    return isTooDeep(text) ? null : readContent(JSON.parse(text))
  } catch {
    return null
  }
}

/** Null for more than `maxTextBytes`. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | null> {
  const reader = stream.getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for (let part = await reader.read(); part.value !== undefined; part = await reader.read()) {
    parts.push(new Uint8Array(part.value))
    length += part.value.length
    if (length > maxTextBytes) {
      await reader.cancel()
      return null
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}
