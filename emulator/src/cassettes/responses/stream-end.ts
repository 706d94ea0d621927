import { isRecord, parseJson } from '@anthology/wire'

import type { RecordedEvent } from '../cassette.ts'
import { encodeAwsEvent, encodeSseEvent } from './encode-event.ts'
import { readEventJson } from './redact-events.ts'
import { chooseSplit } from './split-stream.ts'

/** What a stream ends with: the last event of its protocol, or an error. */
export type StreamEnd = 'complete' | 'error'

/** Returns what the last event of a body makes the end of the stream; null: more follows, or the body is no stream. */
export function findStreamEnd(
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): StreamEnd | null {
  const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
  const split = isEncoded ? null : chooseSplit(headers['content-type'])
  const last = split?.(bytes).at(-1)
  if (last === undefined) return null
  const isText = headers['content-type']?.startsWith('text/') ?? false
  return classifyEvent(isText ? encodeSseEvent(last) : encodeAwsEvent(last))
}

function classifyEvent(event: RecordedEvent): StreamEnd | null {
  if ('headers' in event && event.headers[':message-type'] === 'exception') return 'error'
  // Converse sends this event after messageStop.
  if ('headers' in event && event.headers[':event-type'] === 'metadata') return 'complete'
  const json = 'text' in event ? readData(event.text) : readEventJson(event)
  if (json === '[DONE]') return 'complete'
  const value = parseJson(json ?? '')
  if (!isRecord(value)) return null
  if (value['type'] === 'error' || isRecord(value['error'])) return 'error'
  return value['type'] === 'message_stop' ? 'complete' : null
}

/** The data of a whole event with other line ends than usual; null: it has none, or is not whole. */
function readData(text: string): string | null {
  return /(?:^|\n)data: ?([^\r\n]*)\r?\n\r?\n$/.exec(text)?.[1] ?? null
}
