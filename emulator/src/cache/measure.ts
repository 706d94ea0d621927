import type { MessageUsage } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { listPrefixes } from './prefix.ts'
import type { Prefix } from './prefix.ts'
import type { CacheStore } from './store.ts'

/** The input side of `usage`, and what the call does to the cache if it is answered. */
export interface CachedPrompt {
  readonly usage: Pick<
    MessageUsage,
    'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens' | 'cache_creation'
  >
  /**
   * To be called when the answer begins: from then on others find what this call has written
   * (docs.claude.com, build-with-claude/prompt-caching).
   */
  keep(): void
}

/** What of the settings the cache needs. */
export interface CacheSettings {
  readonly cache: CacheStore
  readonly now: () => number
}

/**
 * What of a prompt is read from the cache, what is written to it and what is neither, by the
 * service's three points (build-with-claude/prompt-caching, "Mixing different TTLs"): A, the highest
 * hit; B, the highest breakpoint of an hour after A, or else A; C, the last breakpoint. Up to A is
 * read, from A to B written for an hour, from B to C for five minutes, and the rest is input.
 */
export function measureCache(
  { request, prompt, model, key }: ValidRequest,
  { cache, now }: CacheSettings,
): CachedPrompt {
  // Entries are of one workspace, for which a key stands, and of one model; callers without a key share one.
  const scope = [key ?? '', model.id]
  const prefixes = listPrefixes(prompt.segments, { automatic: request.cache_control ?? null, scope })
  if (prefixes.length === 0) return { usage: usageWithout(prompt.inputTokens), keep: () => {} }
  const minTokens = model.minCacheableTokens ?? likelyLeastTokens
  const breakpoints = [...prefixes.keys()].filter((at) => {
    const { ttl, tokens } = prefixes[at] ?? nothing
    return ttl !== null && tokens >= minTokens
  })
  const nowMs = now()
  const hit = findHit(prefixes, breakpoints, (prefix) => cache.has(prefix.key, nowMs))
  const read = tokensAt(prefixes, hit)
  const written = breakpoints.filter((at) => at > hit)
  const lastOf1h = written.findLast((at) => prefixes[at]?.ttl === '1h') ?? hit
  const [endOf1h, end] = [tokensAt(prefixes, lastOf1h), tokensAt(prefixes, written.at(-1) ?? hit)]
  return {
    usage: {
      input_tokens: prompt.inputTokens - end,
      cache_creation_input_tokens: end - read,
      cache_read_input_tokens: read,
      cache_creation: {
        ephemeral_5m_input_tokens: end - endOf1h,
        ephemeral_1h_input_tokens: endOf1h - read,
      },
    },
    keep: () => {
      // Entries at breakpoints within what was read were read with it.
      const used = [...breakpoints.filter((at) => at < hit), hit].map((at) => prefixes[at])
      for (const prefix of used) if (prefix) cache.refresh(prefix.key, nowMs)
      for (const prefix of written.map((at) => prefixes[at]))
        if (prefix?.ttl) cache.write(prefix.key, prefix.ttl, nowMs)
    },
  }
}

function usageWithout(inputTokens: number): CachedPrompt['usage'] {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  }
}

/** For models whose least is not published: the same as that of all since Opus 5 (inferred). */
const likelyLeastTokens = 512

/**
 * How many blocks are looked at from a breakpoint back, the one it stands on among them
 * (platform.claude.com, build-with-claude/prompt-caching, Aug 2026; earlier editions left it open
 * whether that one counts).
 */
const lookbackBlocks = 20

/** The longest prefix that is in the cache: from the last breakpoint back, then from the one before; else -1. */
function findHit(
  prefixes: readonly Prefix[],
  breakpoints: readonly number[],
  isCached: (prefix: Prefix) => boolean,
): number {
  for (const breakpoint of breakpoints.toReversed()) {
    const window = prefixes.slice(Math.max(0, breakpoint - lookbackBlocks + 1), breakpoint + 1)
    const found = window.findLastIndex(isCached)
    if (found !== -1) return breakpoint - (window.length - 1) + found
  }
  return -1
}

const nothing: Prefix = { tokens: 0, key: '', ttl: null }

function tokensAt(prefixes: readonly Prefix[], at: number): number {
  return (prefixes[at] ?? nothing).tokens
}
