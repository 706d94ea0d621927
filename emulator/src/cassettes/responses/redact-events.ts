import { parseJson } from '@anthology/wire'

import type { RecordedEvent } from '../cassette.ts'
import { marker } from '../redaction/redactor.ts'
import type { Redactor, SecretSpan } from '../redaction/redactor.ts'
import { listDeltas, replaceText } from './deltas.ts'
import type { Delta } from './deltas.ts'

/** Redacts the events of a stream, also a secret that is cut into the pieces of several events. */
export function redactEvents(events: readonly RecordedEvent[], redactor: Redactor): readonly RecordedEvent[] {
  return redactPieces(
    events.map((event) => redactEvent(event, redactor)),
    redactor,
  )
}

/** The JSON text of an event; null: it has none. */
export function readEventJson(event: RecordedEvent): string | null {
  if ('data' in event) return event.data
  if ('chunk' in event) return event.chunk
  return 'payload' in event ? event.payload : null
}

function redactEvent(event: RecordedEvent, redactor: Redactor): RecordedEvent {
  if ('base64' in event) return event
  if ('text' in event) return { text: redactor.redact(event.text) }
  if ('chunk' in event) return { ...event, chunk: redactor.redactJson(event.chunk) }
  if ('payload' in event) return { ...event, payload: redactor.redactJson(event.payload) }
  return { ...event, data: redactor.redactJson(event.data) }
}

interface Piece {
  readonly index: number
  readonly delta: Delta
  /** The place of the piece in the text of its channel. */
  readonly start: number
}

function redactPieces(events: readonly RecordedEvent[], redactor: Redactor): readonly RecordedEvent[] {
  const clean = [...events]
  for (const pieces of groupPieces(events).values()) {
    const text = pieces.map(({ delta }) => delta.text).join('')
    const spans = redactor.findSecrets(text)
    if (spans.length === 0) continue
    for (const { index, delta, start } of pieces) {
      const kept = cutSpans(delta.text, start, spans)
      const event = clean[index]
      if (kept !== delta.text && event !== undefined) clean[index] = replacePiece(event, delta, kept)
    }
  }
  return clean
}

function groupPieces(events: readonly RecordedEvent[]): ReadonlyMap<string, readonly Piece[]> {
  const groups = new Map<string, { pieces: Piece[]; length: number }>()
  for (const [index, event] of events.entries()) {
    const json = readEventJson(event)
    for (const delta of json === null ? [] : listDeltas(parseJson(json))) {
      const group = groups.get(delta.channel) ?? { pieces: [], length: 0 }
      groups.set(delta.channel, group)
      group.pieces.push({ index, delta, start: group.length })
      group.length += delta.text.length
    }
  }
  return new Map([...groups].map(([channel, { pieces }]) => [channel, pieces]))
}

/** Removes the parts of a piece that lie in a secret; the piece in which the secret begins gets the marker. */
function cutSpans(text: string, offset: number, spans: readonly SecretSpan[]): string {
  let kept = ''
  let at = 0
  for (const span of spans) {
    const start = Math.max(span.start - offset, 0)
    const end = Math.min(span.end - offset, text.length)
    if (end <= 0 || start >= text.length) continue
    kept += text.slice(at, start) + (span.start >= offset ? marker : '')
    at = end
  }
  return kept + text.slice(at)
}

/** Only an event with a part of a secret is printed anew. */
function replacePiece(event: RecordedEvent, { path }: Delta, text: string): RecordedEvent {
  const json = JSON.stringify(replaceText(parseJson(readEventJson(event) ?? ''), path, text))
  if ('chunk' in event) return { ...event, chunk: json }
  if ('payload' in event) return { ...event, payload: json }
  return 'data' in event ? { ...event, data: json } : event
}
