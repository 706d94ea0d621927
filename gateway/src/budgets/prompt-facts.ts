import { readFacts } from '@anthology/catalog'
import type { RequestFacts } from '@anthology/catalog'
import { parseJson, stringsNamed } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { measureMedia } from '../rates/input-estimate.ts'
import { readOtherRuns } from './other-runs.ts'
import type { OtherRun } from './other-runs.ts'

/** The facts that bound the cost of a prompt, read from the bytes of a body without parsing it. */
export interface PromptFacts {
  /** An upper bound of the text in bytes: the body without the data of images and documents. */
  readonly textBytes: number
  readonly images: number
  readonly hasTools: boolean
  /** Only the context window bounds the prompt: it has documents, or tools that run at the platform. */
  readonly open: RequestFacts | null
  /** The dearest time to live that a cache mark may have; null: the prompt has no marks. */
  readonly cacheTtl: '5m' | '1h' | null
  /** Runs of other models that are billed besides. */
  readonly otherRuns: readonly OtherRun[]
}

/**
 * Reads the facts of a prompt. Every doubt raises the bound: a name inside a text counts like a block, and a letter or
 * digit that is written as an escape may be part of any name.
 */
export function readPromptFacts(body: Uint8Array, index: BodyIndex): PromptFacts {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const hasEscapedLetters = bytes.includes(escapedLetter) && escapedName.test(bytes.toString('latin1'))
  const blocks = hasEscapedLetters || bytes.includes(typeName) ? readBlockFacts(bytes) : noBlocks
  const tools = readToolFacts(bytes, index, hasEscapedLetters)
  const hasMcp = index.members.some(({ name }) => name === 'mcp_servers')
  const isOpen = hasEscapedLetters || blocks.hasDocuments || tools.isServed || hasMcp
  return {
    textBytes: bytes.length - blocks.mediaBytes,
    images: blocks.images,
    hasTools: tools.facts.has_tools === true,
    open: isOpen ? { ...tools.facts, ...(hasMcp && { body_members: ['mcp_servers'] }) } : null,
    cacheTtl: readCacheTtl(bytes, hasEscapedLetters),
    otherRuns: readOtherRuns(bytes, index, hasEscapedLetters),
  }
}

interface BlockFacts {
  readonly mediaBytes: number
  readonly images: number
  readonly hasDocuments: boolean
}

/** A prompt of strings alone has no types, and none of the blocks that have one. */
const noBlocks: BlockFacts = { mediaBytes: 0, images: 0, hasDocuments: false }

function readBlockFacts(bytes: Buffer): BlockFacts {
  const media = measureMedia(bytes)
  return {
    mediaBytes: media.bytes,
    images: countAll(bytes, imageName),
    hasDocuments: media.hasPdf || bytes.includes(documentName) || bytes.includes(uploadName),
  }
}

/** Tools with a version in their type run at the platform, or have a price of their own. */
function readToolFacts(
  bytes: Buffer,
  index: BodyIndex,
  hasEscapedLetters: boolean,
): { readonly isServed: boolean; readonly facts: RequestFacts } {
  const defined = listDefinedTypes(bytes, index, hasEscapedLetters)
  const member = index.get('tools')
  const slice = member === undefined ? null : bytes.subarray(member.start, member.end)
  const mayBeServed = hasEscapedLetters || slice?.includes(versionMark) || slice?.includes(toolsetName)
  if (defined === null && (slice === null || mayBeServed !== true))
    return { isServed: false, facts: { has_tools: slice !== null } }
  const { tool_types, web_search_max_uses } = readFacts(
    { tools: slice === null ? [] : parseJson(slice.toString('utf8')) },
    {},
    { sized: false },
  )
  const types = defined === null ? tool_types : [...(tool_types ?? []), ...defined]
  return {
    isServed: types === undefined || types.length > 0,
    facts: {
      has_tools: true,
      ...(types !== undefined && { tool_types: types }),
      ...(web_search_max_uses !== undefined && defined === null && { web_search_max_uses }),
    },
  }
}

/** The types with a version in messages that define tools (`tool_addition`); null: no message does. */
function listDefinedTypes(
  bytes: Buffer,
  index: BodyIndex,
  hasEscapedLetters: boolean,
): readonly string[] | null {
  if (!hasEscapedLetters && !bytes.includes(definitionName)) return null
  const messages = index.members.findLast(({ name }) => name === 'messages')
  if (messages === undefined) return null
  const types = new Set(stringsNamed(bytes.subarray(messages.start, messages.end), 'type'))
  return types.has('tool_definition') ? [...types].filter((type) => /_20|_toolset/.test(type)) : null
}

function readCacheTtl(bytes: Buffer, hasEscapedLetters: boolean): PromptFacts['cacheTtl'] {
  if (hasEscapedLetters) return '1h'
  if (!bytes.includes(cacheName)) return null
  return bytes.includes(hourName) ? '1h' : '5m'
}

function countAll(bytes: Buffer, wanted: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + wanted.length)) count += 1
  return count
}

const typeName = Buffer.from('"type"')
const imageName = Buffer.from('"image"')
const documentName = Buffer.from('"document"')
const uploadName = Buffer.from('"container_upload"')
const cacheName = Buffer.from('"cache_control"')
const hourName = Buffer.from('"1h"')
const definitionName = Buffer.from('"tool_definition"')
/** Types such as `web_search_20250305`. */
const versionMark = Buffer.from('_20')
const toolsetName = Buffer.from('_toolset')
/** Letters and digits need no escape, and no usual client writes them with one; some escape `<`, `>` and `&`. */
const escapedLetter = Buffer.from('\\u00')
const escapedName = /\\u00(?:3\d|[4-7])/
