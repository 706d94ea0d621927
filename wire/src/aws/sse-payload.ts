import { readData } from '../sse/frames.ts'
import { isJsonObject, parseJson } from '../body/json-value.ts'

export type PayloadKind = 'plain' | 'ping' | 'message_stop' | 'error'

/** The JSON of the event that `next` has found: `bytes` from `start` to `end`. One object for all, since there may be hundreds in a read of a socket. */
export interface SsePayloads {
  readonly kind: PayloadKind
  /** The frames themselves, unless the event stood on several lines or had another of the rarer forms. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  next(): boolean
}

/**
 * Takes the JSON out of whole SSE frames, such as those of a frame scanner, and says which few of them are no plain
 * content. Frames without data, such as comments that keep a connection open, are left out.
 */
export function readPayloads(frames: Uint8Array): SsePayloads {
  return new PayloadReader(frames)
}

class PayloadReader implements SsePayloads {
  kind: PayloadKind = 'plain'
  bytes: Uint8Array
  start = 0
  end = 0
  #frames: Uint8Array
  #at = 0

  constructor(frames: Uint8Array) {
    this.#frames = frames
    this.bytes = frames
  }

  next(): boolean {
    while (this.#at < this.#frames.length) {
      if (this.#readUsualFrame()) return true
      const end = findFrameEnd(this.#frames, this.#at)
      const frame = this.#frames.subarray(this.#at, end)
      this.#at = end
      if (this.#readAnyFrame(frame)) return true
    }
    return false
  }

  /** A frame as every service of Claude writes it: an `event` line, one `data` line, an empty one. */
  #readUsualFrame(): boolean {
    const frames = this.#frames
    if (!startsWith(frames, this.#at, eventField)) return false
    const nameStart = skipSpace(frames, this.#at + eventField.length)
    const nameEnd = findNameEnd(frames, nameStart)
    if (!startsWith(frames, nameEnd + 1, dataField)) return false
    const dataEnd = frames.indexOf(lineFeed, nameEnd + 1)
    if (dataEnd < 0 || frames[dataEnd + 1] !== lineFeed) return false
    // Lines that end with a return and a feed are one of the rarer forms.
    if (frames[nameEnd - 1] === carriageReturn || frames[dataEnd - 1] === carriageReturn) return false
    this.kind = kindAt(frames, nameStart, nameEnd)
    this.bytes = frames
    this.start = skipSpace(frames, nameEnd + 1 + dataField.length)
    this.end = dataEnd
    this.#at = dataEnd + 2
    return true
  }

  /** Any other form is decoded as the standard has it. */
  #readAnyFrame(frame: Uint8Array): boolean {
    const data = readData(frame)
    if (data === '') return false
    const parsed = parseJson(data)
    const type = isJsonObject(parsed) ? parsed.type : undefined
    this.kind = kinds.find((kind) => kind === type) ?? 'plain'
    this.bytes = utf8.encode(data)
    this.start = 0
    this.end = this.bytes.length
    return true
  }
}

/** The next line feed. The names of events are short, so that a loop is done before a search has begun. */
function findNameEnd(frames: Uint8Array, start: number): number {
  let at = start
  while (at < frames.length && frames[at] !== lineFeed) at += 1
  return at
}

/** Just behind the empty line that ends the frame, or the end of the bytes. */
function findFrameEnd(frames: Uint8Array, start: number): number {
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
