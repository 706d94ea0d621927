import type { JsonObject } from '../body/json-value.ts'
import type { CacheControl } from '../messages/content-block.ts'
import type { Problem } from '../messages/shape.ts'
import type { ConverseCachePoint } from './request.ts'

/** What the way from Messages to Converse gathers; the first problem ends it. Paths are those of Messages. */
export interface Rewriting {
  problem: Problem | null
  readonly notices: string[]
  readonly documentNames: Set<string>
  /** The last number that was given to a document without a name. */
  documents: number
  usesTools: boolean
}

export function beginRewriting(): Rewriting {
  return { problem: null, notices: [], documentNames: new Set(), documents: 0, usesTools: false }
}

/** Notes the problem, and gives the nothing that stands where the value would. */
export function failAt(rewriting: Rewriting, path: string, because: string): null {
  rewriting.problem ??= { path, message: because }
  return null
}

export function noticeOnce(rewriting: Rewriting, text: string): void {
  if (!rewriting.notices.includes(text)) rewriting.notices.push(text)
}

export const hasNoCounterpart = 'Bedrock Converse has no counterpart for this'

/** Refuses a member that is there and is not among those which go over. */
export function takeOnly(rewriting: Rewriting, value: object, path: string, names: readonly string[]): void {
  for (const [name, member] of Object.entries<unknown>({ ...value })) {
    if (name === 'type' || member === null || member === undefined || names.includes(name)) continue
    failAt(rewriting, `${path}.${name}`, hasNoCounterpart)
  }
}

/** The mark of a block is a block of its own in Converse, right after it. */
export function createCachePoint(
  mark: CacheControl | null | undefined,
): readonly { readonly cachePoint: ConverseCachePoint }[] {
  if (!mark) return []
  return [{ cachePoint: { type: 'default', ...(mark.ttl && { ttl: mark.ttl }) } }]
}

/** A member where the value is not null. */
export function given(name: string, value: unknown): JsonObject {
  return value === undefined || value === null ? {} : { [name]: value }
}
