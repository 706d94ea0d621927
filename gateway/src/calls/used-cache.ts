import { readRecord } from '@anthology/wire'
import type { UsageFields } from '@anthology/wire'

import { fiveMinutesMs, hourMs } from '../routing/warmth.ts'
import type { UsedCache } from '../routing/warmth.ts'
import type { Call } from './call.ts'

/**
 * The prompt cache that an answer has read or written. What was written has its lifetime in the usage, if the platform
 * reports it; for what was only read the request's breakpoints say it.
 */
export function readUsedCache(call: Pick<Call, 'body' | 'index'>, usage: UsageFields | null): UsedCache {
  const tokens = count(usage, 'cache_read_input_tokens') + count(usage, 'cache_creation_input_tokens')
  if (tokens === 0) return { tokens, lifetimeMs: fiveMinutesMs }
  const written = readRecord(usage, 'cache_creation')
  const isLong =
    count(written, 'ephemeral_1h_input_tokens') > 0 ||
    (count(written, 'ephemeral_5m_input_tokens') === 0 && asksForHour(call))
  return { tokens, lifetimeMs: isLong ? hourMs : fiveMinutesMs }
}

/** Breakpoints are in the tools, in the system prompt and in the last messages, so a long conversation is not searched. */
function asksForHour({ body, index }: Pick<Call, 'body' | 'index'>): boolean {
  return index.members.some(({ name, start, end }) => {
    if (!cacheable.has(name)) return false
    const from = Math.max(start, end - maxSearchedBytes)
    return hour.test(Buffer.from(body.buffer, body.byteOffset + from, end - from).toString('latin1'))
  })
}

function count(record: Readonly<Record<string, unknown>> | null, name: string): number {
  const value = record?.[name]
  return typeof value === 'number' && value > 0 ? value : 0
}

const cacheable: ReadonlySet<string> = new Set(['tools', 'system', 'messages', 'cache_control'])
const hour = /"ttl"\s*:\s*"1h"/
const maxSearchedBytes = 64 * 1024
