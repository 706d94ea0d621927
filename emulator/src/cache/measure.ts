import type { MessageUsage } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { listPrefixes } from './prefix.ts'
import type { Prefix } from './prefix.ts'
import type { CacheStore } from './store.ts'

/** The input side of `usage`, and the cache writes of the call if it succeeds. */
export interface CachedPrompt {
  readonly usage: Pick<
    MessageUsage,
    'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens' | 'cache_creation'
  >
  /**
   * Writes to the cache. Called when the response starts: from then on other calls can read the new entries
   * (docs.claude.com, build-with-claude/prompt-caching).
   */
  commit(): void
}

export interface CacheSettings {
  readonly cache: CacheStore
  readonly now: () => number
}

/**
 * Splits a prompt into tokens read from the cache, written to it, and uncached, by the API's three positions
 * (build-with-claude/prompt-caching, "Mixing different TTLs"): A, the highest hit; B, the highest one-hour breakpoint
 * after A, else A; C, the last breakpoint. Tokens up to A are read, from A to B written for an hour, from B to C written
 * for five minutes; the rest is uncached input.
 */
export function measureCache(
  { request, prompt, model, key }: ValidRequest,
  { cache, now }: CacheSettings,
): CachedPrompt {
  // Entries belong to one workspace, here one key, and to one model; callers without a key share one workspace.
  const scope = [key ?? '', model.id]
  const prefixes = listPrefixes(prompt.segments, { automatic: request.cache_control ?? null, scope })
  if (prefixes.length === 0) return { usage: usageWithout(prompt.inputTokens), commit: () => {} }
  const minTokens = model.minCacheableTokens ?? defaultMinTokens
  const breakpoints = [...prefixes.keys()].filter((at) => {
    const { ttl, tokens } = prefixes[at] ?? emptyPrefix
    return ttl !== null && tokens >= minTokens
  })
  const nowMs = now()
  const hit = findHit(prefixes, breakpoints, (prefix) => cache.has(prefix.key, nowMs))
  const read = getTokensAt(prefixes, hit)
  const written = breakpoints.filter((at) => at > hit)
  const lastOf1h = written.findLast((at) => prefixes[at]?.ttl === '1h') ?? hit
  const [endOf1h, end] = [getTokensAt(prefixes, lastOf1h), getTokensAt(prefixes, written.at(-1) ?? hit)]
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
    commit: () => {
      // Entries at breakpoints before the hit were read with it.
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

/** For models whose minimum is not published: the minimum of all models since Opus 5 (inferred). */
const defaultMinTokens = 512

/**
 * The number of blocks checked backwards from a breakpoint, including its own block (platform.claude.com,
 * build-with-claude/prompt-caching, Aug 2026; earlier editions did not specify whether that block counts).
 */
const lookbackBlocks = 20

/** Returns the longest cached prefix, searching back from the last breakpoint, then from the one before; else -1. */
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

const emptyPrefix: Prefix = { tokens: 0, key: '', ttl: null }

function getTokensAt(prefixes: readonly Prefix[], at: number): number {
  return (prefixes[at] ?? emptyPrefix).tokens
}
