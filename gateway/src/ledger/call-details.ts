import { isRecord, parseJson, readText } from '@anthology/wire'

import { readBlockTags } from './block-tags.ts'
import type { BlockTags } from './block-tags.ts'
import { decodeHeaders, encodeHeaders, noHeaders } from './stored-headers.ts'
import type { HeaderPairs, StoredHeaders } from './stored-headers.ts'
import { decodePlan, encodePlan } from './stored-plan.ts'
import type { StoredPlan } from './stored-plan.ts'

/**
 * The column `details` of a call: facts that only people look up. It holds no text of the request, except what the message
 * of an error quotes.
 */
export interface CallDetails {
  /** Null without a prompt cache. */
  readonly blocks: BlockTags | null
  /** Null where nothing was to choose: one upstream, asked once. */
  readonly plan: StoredPlan | null
  /** Null where none of those that are kept was sent, and in rows of older versions. */
  readonly headers: StoredHeaders | null
  /** Null without an error. */
  readonly errorMessage: string | null
}

/** The details that the result of an attempt adds. */
export interface EndDetails extends Pick<CallDetails, 'errorMessage'> {
  readonly response: HeaderPairs
}

interface NewDetails extends EndDetails, Partial<Pick<CallDetails, 'blocks' | 'plan'>> {
  readonly request?: HeaderPairs
}

/** Prints the column; null if there is nothing to store. */
export function printDetails({
  blocks = null,
  plan = null,
  request = noHeaders,
  response,
  errorMessage,
}: NewDetails): string | null {
  const members: string[] = []
  if (blocks !== null) members.push(`"blocks":${JSON.stringify(blocks)}`)
  if (plan !== null) members.push(`"plan":${JSON.stringify(encodePlan(plan))}`)
  const headers = encodeHeaders(request, response)
  if (headers !== null) members.push(`"headers":${headers}`)
  if (errorMessage !== null) members.push(`"error":${JSON.stringify(errorMessage)}`)
  return members.length === 0 ? null : `{${members.join(',')}}`
}

/** Reads the column. What another version wrote in another form counts as absent. */
export function readDetails(text: unknown): CallDetails {
  const value = typeof text === 'string' ? parseJson(text) : null
  if (!isRecord(value)) return { blocks: null, plan: null, headers: null, errorMessage: null }
  return {
    blocks: readBlockTags(value['blocks']),
    plan: decodePlan(value['plan']),
    headers: decodeHeaders(value['headers']),
    errorMessage: readText(value, 'error'),
  }
}
