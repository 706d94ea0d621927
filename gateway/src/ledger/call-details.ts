import { isRecord, parseJson } from '@anthology/wire'

import { readBlockTags } from './block-tags.ts'
import type { BlockTags } from './block-tags.ts'

/** The column `details` of a call: facts that only people look up. It holds no text of the request. */
export interface CallDetails {
  /** Null without a prompt cache. */
  readonly blocks: BlockTags | null
}

/** Prints the column; null if there is nothing to store. */
export function printDetails({ blocks }: CallDetails): string | null {
  return blocks === null ? null : JSON.stringify({ blocks })
}

/** Reads the column. What another version wrote in another form counts as absent. */
export function readDetails(text: unknown): CallDetails {
  const value = typeof text === 'string' ? parseJson(text) : null
  return { blocks: isRecord(value) ? readBlockTags(value['blocks']) : null }
}
