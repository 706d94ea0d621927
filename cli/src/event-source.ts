import { isRecord, mergeUsage, parseJson, readRecord } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

/** Reads the data of server-sent events, as curl saves a stream; null if the text is something else. */
export function readServerSentEvents(text: string): readonly unknown[] | null {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  const first = lines.find((line) => line !== '' && !line.startsWith(':')) ?? ''
  if (!/^(?:event|data|id|retry):/.test(first)) return null
  return lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseJson(line.slice('data:'.length)))
    .filter((value) => value !== undefined)
}

/**
 * Replaces the events of each stream by one answer with the merged usage, because `message_start` and
 * `message_delta` both have counts of the same answer. Events without a usage are omitted.
 */
export function joinStreams(values: readonly unknown[]): readonly unknown[] {
  const joined: unknown[] = []
  let isOpen = false
  for (const value of values) {
    const type = isRecord(value) ? value['type'] : undefined
    const started = type === 'message_start' ? readRecord(value, 'message') : null
    const delta = type === 'message_delta' ? readRecord(value, 'usage') : null
    const answer = joined.at(-1)
    if (started !== null) {
      isOpen = true
      joined.push(started)
    } else if (delta !== null && isOpen && isRecord(answer)) {
      joined[joined.length - 1] = { ...answer, usage: mergeUsage(readRecord(answer, 'usage'), delta) }
    } else if (typeof type !== 'string' || !silentEvents.has(type)) {
      isOpen = false
      joined.push(findConverseMetadata(value) ?? value)
    }
  }
  return joined
}

/** Events of the Messages API without counts. A `message_delta` outside a stream has some. */
const silentEvents: ReadonlySet<string> = new Set([
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_stop',
  'ping',
])

/** The last event of a Converse stream, which has its usage; the `metadata` of a request has none. */
function findConverseMetadata(value: unknown): JsonObject | null {
  const metadata = readRecord(value, 'metadata')
  return readRecord(metadata, 'usage') === null ? null : metadata
}
