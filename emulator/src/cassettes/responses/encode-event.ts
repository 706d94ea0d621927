import {
  createFrameDecoder,
  decodeBase64,
  encodeBase64,
  encodeFrame,
  encodeFrameHeaders,
} from '@anthology/wire'
import type { DecodedFrame } from '@anthology/wire'

import type { RecordedEvent } from '../cassette.ts'

/** Encodes one frame of an SSE stream. `decodeEvent` returns exactly its bytes. */
export function encodeSseEvent(bytes: Uint8Array): RecordedEvent {
  const text = decodeText(bytes)
  if (text === null) return encodeBytes(bytes)
  const [, event, data] = usualFrame.exec(text) ?? []
  if (data === undefined) return { text }
  return event === undefined ? { data } : { event, data }
}

const usualFrame = /^(?:event: ([^\r\n]*)\n)?data: ([^\r\n]*)\n\n$/

/** Encodes one message of an AWS event stream. `decodeEvent` returns exactly its bytes. */
export function encodeAwsEvent(bytes: Uint8Array): RecordedEvent {
  const frame = decodeFrame(bytes)
  const headers = frame && readHeaders(frame)
  const payload = frame && decodeText(frame.payload)
  if (headers === null || payload === null) return encodeBytes(bytes)
  const event = splitChunk(headers, payload) ?? { headers, payload }
  return isEqual(decodeEvent(event), bytes) ? event : encodeBytes(bytes)
}

/** Returns the bytes of an event. */
export function decodeEvent(event: RecordedEvent): Uint8Array {
  if ('base64' in event) return decodeBase64(event.base64) ?? new Uint8Array()
  if ('text' in event) return utf8.encode(event.text)
  if ('chunk' in event) {
    const payload = `{"bytes":"${encodeBase64(utf8.encode(event.chunk))}"${event.after}`
    return encodeFrame(encodeFrameHeaders(event.headers), utf8.encode(payload))
  }
  if ('payload' in event) return encodeFrame(encodeFrameHeaders(event.headers), utf8.encode(event.payload))
  const name = event.event === undefined ? '' : `event: ${event.event}\n`
  return utf8.encode(`${name}data: ${event.data}\n\n`)
}

/** Encodes bytes that have no readable form, with their printable text as a note. */
export function encodeBytes(bytes: Uint8Array): { readonly base64: string; readonly note: string } {
  const readable = new TextDecoder()
    .decode(bytes)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
  const start = readable.length > maxNoteLength ? `${readable.slice(0, maxNoteLength)}…` : readable
  return { base64: encodeBase64(bytes), note: `${bytes.length} bytes: ${start}` }
}

const maxNoteLength = 200

/** Returns the text of the bytes; null if they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

function decodeFrame(bytes: Uint8Array): DecodedFrame | null {
  try {
    return createFrameDecoder().push(bytes)[0] ?? null
  } catch {
    return null
  }
}

/** Null if a header is no string. */
function readHeaders({ headers }: DecodedFrame): Readonly<Record<string, string>> | null {
  const texts: Record<string, string> = {}
  for (const [name, header] of headers) {
    if (header.type !== 'string') return null
    texts[name] = header.value
  }
  return texts
}

/** Splits the payload of a message of InvokeModelWithResponseStream, whose event is in base64. */
function splitChunk(headers: Readonly<Record<string, string>>, payload: string): RecordedEvent | null {
  const [, base64, after] = /^\{"bytes":"([A-Za-z0-9+/=]*)"([^]*)$/.exec(payload) ?? []
  const bytes = base64 === undefined ? null : decodeBase64(base64)
  const chunk = bytes && decodeText(bytes)
  return chunk === null || after === undefined ? null : { headers, chunk, after }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
