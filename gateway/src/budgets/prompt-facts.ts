import { readFacts } from '@anthology/catalog'
import type { RequestFacts } from '@anthology/catalog'
import { parseJson } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { measureMedia } from '../rates/input-estimate.ts'

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
}

/**
 * Reads the facts of a prompt. Every doubt raises the bound: a name inside a text counts like a block, and a letter
 * that is written as an escape may be part of any name.
 */
export function readPromptFacts(body: Uint8Array, index: BodyIndex): PromptFacts {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const hasEscapedLetters = bytes.includes(escapedLetter) && escapedName.test(bytes.toString('latin1'))
  const blocks = hasEscapedLetters || bytes.includes(typeName) ? readBlockFacts(bytes) : noBlocks
  const tools = readToolFacts(bytes, index)
  const hasMcp = index.members.some(({ name }) => name === 'mcp_servers')
  const isOpen = hasEscapedLetters || blocks.hasDocuments || tools.isServed || hasMcp
  return {
    textBytes: bytes.length - blocks.mediaBytes,
    images: blocks.images,
    hasTools: tools.facts.has_tools === true,
    open: isOpen ? { ...tools.facts, ...(hasMcp && { body_members: ['mcp_servers'] }) } : null,
    cacheTtl: readCacheTtl(bytes, hasEscapedLetters),
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
): { readonly isServed: boolean; readonly facts: RequestFacts } {
  const member = index.get('tools')
  if (member === undefined) return { isServed: false, facts: { has_tools: false } }
  const slice = bytes.subarray(member.start, member.end)
  if (!slice.includes(versionMark) && !slice.includes(toolsetName))
    return { isServed: false, facts: { has_tools: true } }
  const { tool_types, web_search_max_uses } = readFacts(
    { tools: parseJson(slice.toString('utf8')) },
    {},
    { sized: false },
  )
  return {
    isServed: tool_types === undefined || tool_types.length > 0,
    facts: {
      has_tools: true,
      ...(tool_types !== undefined && { tool_types }),
      ...(web_search_max_uses !== undefined && { web_search_max_uses }),
    },
  }
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
/** Types such as `web_search_20250305`. */
const versionMark = Buffer.from('_20')
const toolsetName = Buffer.from('_toolset')
/** Letters need no escape, and no usual client writes them with one. */
const escapedLetter = Buffer.from('\\u00')
const escapedName = /\\u00[4-7]/
