import type { Frame, Reply } from '../http/reply.ts'

/** How a stream frames its events: as server-sent events, or as messages of AWS's event stream. */
export type StreamForm = 'sse' | 'aws'

/** One event of a stream in its frame, or bytes that are none. */
export interface EventFrame extends Frame {
  /** Whether a client counts it: a client sees neither `ping` events, which SDKs skip, nor OpenAI's `[DONE]`. */
  readonly isCounted: boolean
}

/** The form of a stream; null: the reply is no stream. */
export function getStreamForm({ headers }: Reply): StreamForm | null {
  const type = headers['content-type'] ?? ''
  if (type.startsWith('text/event-stream')) return 'sse'
  return type === 'application/vnd.amazon.eventstream' ? 'aws' : null
}

/** Splits the frames of a stream into its events; a frame may hold several of them, or none. */
export function* splitEvents(frames: Iterator<Frame>, form: StreamForm): Generator<EventFrame, void> {
  for (let next = frames.next(); !next.done; next = frames.next()) {
    const { bytes, tokens } = next.value
    if (bytes.length === 0) yield { ...next.value, isCounted: false }
    for (let at = 0; at < bytes.length;) {
      const end = form === 'sse' ? findSseEnd(bytes, at) : at + readUint32(bytes, at)
      const event = bytes.subarray(at, end)
      yield { bytes: event, tokens: at === 0 ? tokens : 0, isCounted: form === 'aws' || isCountedSse(event) }
      at = end
    }
  }
}

/** The part of an event that holds its JSON, as offsets. */
export function findJson(event: Uint8Array, form: StreamForm): readonly [start: number, end: number] {
  if (form === 'aws') return [preludeBytes + readUint32(event, 4), event.length - checksumBytes]
  // The emulator encodes an event with a single line of data, which is the last one.
  const data = findBytes(event, dataField, 0)
  return [data + dataField.length, event.length - 2]
}

/** The headers of a message of AWS's event stream, encoded. */
export function getAwsHeaders(event: Uint8Array): Uint8Array {
  return event.subarray(preludeBytes, preludeBytes + readUint32(event, 4))
}

/** Two lengths and their checksum before the headers, and a checksum after the payload. */
const preludeBytes = 12
const checksumBytes = 4

const utf8 = new TextEncoder()
const dataField = utf8.encode('data: ')
const pingEvent = utf8.encode('event: ping\n')
const doneEvent = utf8.encode('data: [DONE]')

function isCountedSse(event: Uint8Array): boolean {
  return findBytes(event, pingEvent, 0) !== 0 && findBytes(event, doneEvent, 0) !== 0
}

/** The offset after the empty line that ends an event. */
function findSseEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(newline, from); at !== -1; at = bytes.indexOf(newline, at + 1))
    if (bytes[at + 1] === newline) return at + 2
  return bytes.length
}

const newline = 0x0a

/** The offset of the first occurrence, or -1. */
function findBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = from; at + wanted.length <= bytes.length; at += 1)
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at
  return -1
}

function readUint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
}
