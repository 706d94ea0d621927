import { readRecord } from '@anthology/wire'
import type { CacheControl, InputBlock, TextBlockParam, Tool } from '@anthology/wire'

/** A part of a prompt that may carry a mark. */
export type Markable = InputBlock | TextBlockParam | Tool

/**
 * The mark on a block. One on a part within it, as clients put on the content of a tool result,
 * counts for the whole: the parts are not cached apart (inferred).
 */
export function findMark(block: Markable): CacheControl | null {
  const own = ownMark(block)
  if (own) return own
  return (
    listParts(block)
      .map(ownMark)
      .findLast((mark) => mark !== null) ?? null
  )
}

/**
 * The block without marks, to be compared: a mark that moves on with the conversation leaves the
 * prefix what it was. Members that are null are the same as none, and so is a caller, which a client may leave out.
 */
export function withoutMarks(block: Markable): Readonly<Record<string, unknown>> {
  const plain: Record<string, unknown> = bare(block)
  if (listParts(block).length === 0) return plain
  if ('content' in block) plain['content'] = listParts(block).map(bare)
  else if (block.type === 'document')
    plain['source'] = { type: 'content', content: listParts(block).map(bare) }
  return plain
}

/** The blocks within a block, one level down. */
function listParts(block: object): readonly object[] {
  if ('content' in block && isList(block.content)) return block.content
  const content = readRecord(block, 'source')?.['content']
  return isList(content) ? content : []
}

/** Lists of blocks are all that stands there once a body was validated. */
function isList(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'object' && part !== null)
}

function ownMark(block: object): CacheControl | null {
  // The schema lets nothing else stand under this name.
  return 'cache_control' in block ? ((block.cache_control as CacheControl | null | undefined) ?? null) : null
}

const unread: ReadonlySet<string> = new Set(['cache_control', 'caller'])

function bare(block: object): Record<string, unknown> {
  const members = Object.entries(block).filter(([name, value]) => !unread.has(name) && value !== null)
  return Object.fromEntries(members)
}
