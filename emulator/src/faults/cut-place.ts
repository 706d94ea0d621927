import type { Cut } from '../scenario/scenario.ts'
import { findJson } from './event-frames.ts'
import type { EventFrame, StreamForm } from './event-frames.ts'
import { listStrings } from './json-strings.ts'

/**
 * Finds the offset in the body at which a connection breaks. Without a place it is the half. `inside` means the first such
 * place after `after_events` or `after_bytes`, in a stream by default after the first event; an answer that has none, such
 * as one without a character of several bytes, is cut inside that frame instead. So is InvokeModel's stream, whose texts
 * are in base64. Its result may be the length of the body, where the place is behind its end.
 */
export function findCutPlace(
  events: readonly EventFrame[],
  cut: true | Cut,
  form: StreamForm | null,
): number {
  const spans = listSpans(events)
  const total = spans.at(-1)?.end ?? 0
  if (cut === true) return total >> 1
  const { after_events: count, after_bytes: bytes, inside } = cut
  // A plain answer is a single event, of which a count says nothing.
  const isCount = form !== null && count !== undefined
  if (inside === undefined && bytes === undefined && !isCount) return total >> 1
  const from = bytes ?? (form === null ? 0 : findAfter(spans, count ?? 1))
  if (inside === undefined) return Math.min(from, total)
  return findInside(inside, spans, { from, form })
}

/** An event and its place in the body. */
interface Span {
  readonly event: EventFrame
  readonly start: number
  readonly end: number
}

function listSpans(events: readonly EventFrame[]): readonly Span[] {
  let at = 0
  return events.map((event) => {
    const start = at
    at += event.bytes.length
    return { event, start, end: at }
  })
}

/** The offset after this many counted events, or the end of the body if it has fewer. */
function findAfter(spans: readonly Span[], count: number): number {
  if (count === 0) return 0
  const counted = spans.filter(({ event }) => event.isCounted)
  return counted[count - 1]?.end ?? spans.at(-1)?.end ?? 0
}

interface Search {
  readonly from: number
  readonly form: StreamForm | null
}

function findInside(inside: NonNullable<Cut['inside']>, spans: readonly Span[], search: Search): number {
  const { from, form } = search
  const later = spans.filter(({ event, end }) => event.bytes.length > 1 && end > from + 1)
  for (const { event, start } of later) {
    const [textStart, textEnd] = form === null ? [0, event.bytes.length] : findJson(event.bytes, form)
    const text = event.bytes.subarray(textStart, textEnd)
    const place = findInText(inside, text, Math.max(0, from - start - textStart), form)
    if (place !== null) return start + textStart + place
  }
  const span = later.find(({ event }) => event.isCounted) ?? spans.findLast(({ event }) => event.isCounted)
  return span === undefined ? 0 : Math.max(from, span.start + findInFrame(span.event.bytes, form))
}

/** The offset of a place in the JSON of an event, at or after `from`; null: it has none. */
function findInText(
  inside: NonNullable<Cut['inside']>,
  text: Uint8Array,
  from: number,
  form: StreamForm | null,
): number | null {
  switch (inside) {
    case 'frame':
      return null
    case 'line':
      // A binary message has no lines.
      return form === 'aws' ? null : findInLine(text, from)
    case 'utf8': {
      const at = text.findIndex((byte, index) => index >= from && byte >= leadByte)
      return at === -1 ? null : at + 1
    }
    case 'escape':
      return findInEscape(text, from)
  }
}

/** The first byte of a character of several bytes is at least this. */
const leadByte = 0xc0
const backslash = 0x5c
const newline = 0x0a

function findInLine(text: Uint8Array, from: number): number | null {
  const lineEnd = text.indexOf(newline, from)
  const middle = (from + (lineEnd === -1 ? text.length : lineEnd)) >> 1
  return middle > from ? middle : null
}

/** After the backslash of an escape; strings are read from their start, because an escape may be a backslash. */
function findInEscape(text: Uint8Array, from: number): number | null {
  for (const { start, end } of listStrings(text)) {
    for (let at = start; at < end; at += text[at] === backslash ? 2 : 1)
      if (text[at] === backslash && at >= from) return at + 1
  }
  return null
}

/** After the first line of a server-sent event that has several; else in the middle. */
function findInFrame(bytes: Uint8Array, form: StreamForm | null): number {
  const lineEnd = form === 'sse' ? bytes.indexOf(newline) + 1 : 0
  return lineEnd > 0 && lineEnd < bytes.length - 1 ? lineEnd : bytes.length >> 1
}
