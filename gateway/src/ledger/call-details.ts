import { isRecord, parseJson } from '@anthology/wire'

import { readBlockTags } from './block-tags.ts'
import type { BlockTags } from './block-tags.ts'
import { decodePlan, encodePlan } from './stored-plan.ts'
import type { StoredPlan } from './stored-plan.ts'

/** The column `details` of a call: facts that only people look up. It holds no text of the request. */
export interface CallDetails {
  /** Null without a prompt cache. */
  readonly blocks: BlockTags | null
  /** Null where nothing was to choose: one upstream, asked once. */
  readonly plan: StoredPlan | null
}

/** Prints the column; null if there is nothing to store. */
export function printDetails({ blocks, plan }: CallDetails): string | null {
  if (blocks === null && plan === null) return null
  return JSON.stringify({
    ...(blocks !== null && { blocks }),
    ...(plan !== null && { plan: encodePlan(plan) }),
  })
}

/** Reads the column. What another version wrote in another form counts as absent. */
export function readDetails(text: unknown): CallDetails {
  const value = typeof text === 'string' ? parseJson(text) : null
  if (!isRecord(value)) return { blocks: null, plan: null }
  return { blocks: readBlockTags(value['blocks']), plan: decodePlan(value['plan']) }
}
