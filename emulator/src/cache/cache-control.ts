import { readRecord } from '@anthology/wire'
import type { CacheControl, InputBlock, TextBlockParam, Tool } from '@anthology/wire'

/** A part of a prompt that may have `cache_control`. */
export type CacheableBlock = InputBlock | TextBlockParam | Tool

/**
 * Returns the `cache_control` of a block. One on an inner part, such as the content of a tool result, applies to the
 * whole block: the parts are not cached separately (inferred).
 */
export function findCacheControl(block: CacheableBlock): CacheControl | null {
  const own = getOwnCacheControl(block)
  if (own) return own
  return (
    listParts(block)
      .map(getOwnCacheControl)
      .findLast((cacheControl) => cacheControl !== null) ?? null
  )
}

/**
 * Returns the block without `cache_control`, for comparison: moving it does not change the prefix. Null members equal
 * absent ones, and `caller` is ignored, because a client may omit it.
 */
export function withoutCacheControl(block: CacheableBlock): Readonly<Record<string, unknown>> {
  const plain: Record<string, unknown> = withoutIgnored(block)
  if (listParts(block).length === 0) return plain
  if ('content' in block) plain['content'] = listParts(block).map(withoutIgnored)
  else if (block.type === 'document')
    plain['source'] = { type: 'content', content: listParts(block).map(withoutIgnored) }
  return plain
}

/** Lists the direct inner blocks of a block. */
function listParts(block: object): readonly object[] {
  if ('content' in block && isList(block.content)) return block.content
  const content = readRecord(block, 'source')?.['content']
  return isList(content) ? content : []
}

/** In a validated body an array here is always a list of blocks. */
function isList(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'object' && part !== null)
}

function getOwnCacheControl(block: object): CacheControl | null {
  // The schema accepts no other type for this member.
  return 'cache_control' in block ? ((block.cache_control as CacheControl | null | undefined) ?? null) : null
}

const ignoredMembers: ReadonlySet<string> = new Set(['cache_control', 'caller'])

function withoutIgnored(block: object): Record<string, unknown> {
  const members = Object.entries(block).filter(([name, value]) => !ignoredMembers.has(name) && value !== null)
  return Object.fromEntries(members)
}
