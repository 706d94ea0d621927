import type { JsonObject } from '../body/json-value.ts'
import type { CacheControl } from '../messages/content-block.ts'
import type { Problem } from '../messages/shape.ts'
import type { ConverseCachePoint } from './request.ts'

/** The state of a translation from Messages to Converse; the first problem ends it. Paths are those of Messages. */
export interface Rewriting {
  problem: Problem | null
  readonly notices: string[]
  readonly documentNames: Set<string>
  /** The last number used to name an untitled document. */
  documents: number
  usesTools: boolean
}

export function beginRewriting(): Rewriting {
  return { problem: null, notices: [], documentNames: new Set(), documents: 0, usesTools: false }
}

/** Records the problem and returns null in place of the value. */
export function failAt(rewriting: Rewriting, path: string, because: string): null {
  rewriting.problem ??= { path, message: because }
  return null
}

export function noticeOnce(rewriting: Rewriting, text: string): void {
  if (!rewriting.notices.includes(text)) rewriting.notices.push(text)
}

export const hasNoCounterpart = 'Bedrock Converse has no counterpart for this'

/** Rejects every member that has a value and is not in `names`. */
export function takeOnly(rewriting: Rewriting, value: object, path: string, names: readonly string[]): void {
  for (const [name, member] of Object.entries<unknown>({ ...value })) {
    if (name === 'type' || member === null || member === undefined || names.includes(name)) continue
    failAt(rewriting, `${path}.${name}`, hasNoCounterpart)
  }
}

/** In Converse the cache mark of a block is a separate block after it. */
export function createCachePoint(
  mark: CacheControl | null | undefined,
): readonly { readonly cachePoint: ConverseCachePoint }[] {
  if (!mark) return []
  return [{ cachePoint: { type: 'default', ...(mark.ttl && { ttl: mark.ttl }) } }]
}

/** An object with the member, or an empty one if the value is null or undefined. */
export function given(name: string, value: unknown): JsonObject {
  return value === undefined || value === null ? {} : { [name]: value }
}
