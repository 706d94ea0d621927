import { dataOf } from '../sse-frames.ts'
import { isJsonObject, parseJson } from '../json-value.ts'

export type PayloadKind = 'plain' | 'ping' | 'message_stop' | 'error'

export interface SsePayload {
  readonly kind: PayloadKind
  /** The JSON of the event: a view into the frames, unless it stood on several lines. */
  readonly json: Uint8Array
}

/**
 * Takes the JSON out of whole SSE frames, such as those of a frame scanner, and says which few of them are no plain
 * content. Frames without data, such as comments that keep a connection open, are left out.
 */
export function payloadsOf(frames: Uint8Array): SsePayload[] {
  const payloads: SsePayload[] = []
  for (let at = 0; at < frames.length;) {
    const usual = readUsualFrame(frames, at)
    if (usual !== null) {
      payloads.push(usual.payload)
      at = usual.end
      continue
    }
    const end = endOfFrame(frames, at)
    const payload = readAnyFrame(frames.subarray(at, end))
    if (payload !== null) payloads.push(payload)
    at = end
  }
  return payloads
}

/** A frame as every service of Claude writes it: an `event` line, one `data` line, an empty one. */
function readUsualFrame(frames: Uint8Array, start: number): { payload: SsePayload; end: number } | null {
  if (!startsWith(frames, start, eventField)) return null
  const nameEnd = frames.indexOf(lineFeed, start)
  const dataStart = nameEnd + 1
  if (nameEnd < 0 || !startsWith(frames, dataStart, dataField)) return null
  const dataEnd = frames.indexOf(lineFeed, dataStart)
  if (dataEnd < 0 || frames[dataEnd + 1] !== lineFeed) return null
  // Lines that end with a return and a feed are one of the rarer forms.
  if (frames[nameEnd - 1] === carriageReturn || frames[dataEnd - 1] === carriageReturn) return null
  const jsonStart = dataStart + dataField.length
  const nameStart = start + eventField.length
  return {
    payload: {
      kind: kindAt(frames, skipSpace(frames, nameStart), nameEnd),
      json: frames.subarray(skipSpace(frames, jsonStart), dataEnd),
    },
    end: dataEnd + 2,
  }
}

/** Any other form is decoded as the standard has it. */
function readAnyFrame(frame: Uint8Array): SsePayload | null {
  const data = dataOf(frame)
  if (data === '') return null
  const parsed = parseJson(data)
  const type = isJsonObject(parsed) ? parsed.type : undefined
  return { kind: kinds.find((kind) => kind === type) ?? 'plain', json: utf8.encode(data) }
}

/** Just behind the empty line that ends the frame, or the end of the bytes. */
function endOfFrame(frames: Uint8Array, start: number): number {
  for (let lineStart = start; ;) {
    const feed = frames.indexOf(lineFeed, lineStart)
    if (feed < 0) return frames.length
    const lineEnd = frames[feed - 1] === carriageReturn ? feed - 1 : feed
    if (lineEnd <= lineStart) return feed + 1
    lineStart = feed + 1
  }
}

const kinds = ['ping', 'message_stop', 'error'] as const satisfies PayloadKind[]

function kindAt(frames: Uint8Array, start: number, end: number): PayloadKind {
  for (const kind of kinds) {
    if (end - start === kind.length && startsWith(frames, start, kind)) return kind
  }
  return 'plain'
}

function skipSpace(bytes: Uint8Array, at: number): number {
  return bytes[at] === space ? at + 1 : at
}

function startsWith(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false
  }
  return true
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const eventField = 'event:'
const dataField = 'data:'

const utf8 = new TextEncoder()
