import type { CacheControl } from '@anthology/wire'

import { createFingerprint } from '../random.ts'
import { addContent } from './content.ts'
import { withoutCacheControl } from './cache-control.ts'
import type { Segment } from './segment.ts'
import type { Ttl } from './store.ts'

/** The prompt up to and including one of its blocks. */
export interface Prefix {
  readonly tokens: number
  /** Equal only for equal prefixes of the same workspace and model. */
  readonly key: string
  /** The TTL of a breakpoint on this block; null: no breakpoint. */
  readonly ttl: Ttl | null
}

/** Lists all prefixes of a prompt, shortest first; none if there is no breakpoint. */
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
    addContent(fingerprint, segment.block ? withoutCacheControl(segment.block) : segment.setting)
    if (!segment.block) continue
    // Automatic caching sets its breakpoint on the last cacheable block.
    const cacheControl = segment.cacheControl ?? (index === marked ? automatic : null)
    prefixes.push({ tokens, key: fingerprint.value(), ttl: cacheControl && (cacheControl.ttl ?? '5m') })
  }
  return prefixes
}
