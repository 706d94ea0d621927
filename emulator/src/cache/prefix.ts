import type { CacheControl } from '@anthology/wire'

import { createFingerprint } from '../random.ts'
import { addContent } from './content.ts'
import { withoutMarks } from './marks.ts'
import type { Segment } from './segment.ts'
import type { Ttl } from './store.ts'

/** The prompt up to and with one of its blocks. */
export interface Prefix {
  readonly tokens: number
  /** Equal for equal prefixes of one workspace and model, and for no others. */
  readonly key: string
  /** Where a breakpoint stands on the block. */
  readonly ttl: Ttl | null
}

/** All prefixes of a prompt, shortest first; none where nothing is marked. */
export function listPrefixes(
  segments: readonly Segment[],
  { automatic, scope }: { readonly automatic: CacheControl | null; readonly scope: readonly string[] },
): readonly Prefix[] {
  const marked = automatic ? segments.findLastIndex(({ isCacheable }) => isCacheable) : -1
  if (marked === -1 && segments.every(({ cacheControl }) => cacheControl === null)) return []
  const fingerprint = createFingerprint('')
  for (const part of scope) fingerprint.add(part)
  const prefixes: Prefix[] = []
  let tokens = 0
  for (const [index, segment] of segments.entries()) {
    tokens += segment.tokens
    fingerprint.add(segment.level)
    fingerprint.add(segment.role)
    addContent(fingerprint, segment.block ? withoutMarks(segment.block) : segment.setting)
    if (!segment.block) continue
    // Automatic caching puts its breakpoint on the last block that can have one.
    const mark = segment.cacheControl ?? (index === marked ? automatic : null)
    prefixes.push({ tokens, key: fingerprint.value(), ttl: mark && (mark.ttl ?? '5m') })
  }
  return prefixes
}
