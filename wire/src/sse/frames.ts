import { createByteBuffer } from '../body/byte-buffer.ts'
import { WireError } from '../error.ts'
import { decodeFrame, nameEvent } from './decode-frame.ts'
import type { SseEvent } from './decode-frame.ts'

/** `first_content` is the first `content_block_delta` of a stream; later ones are `plain`. */
export type FrameKind =
  | 'plain'
  | 'message_start'
  | 'message_delta'
  | 'message_stop'
  | 'first_content'
  | 'error'

/** A whole frame with its blank line. Adjacent plain frames of a chunk are returned as one. */
export interface Frame {
  /** A view into the chunk, unless the frame was split across chunks. */
  readonly bytes: Uint8Array
  readonly kind: FrameKind
  /**
   * Start and end offset of the JSON of each event, alternating. Only present if requested, and only if all
   * plain frames have the usual form.
   */
  readonly offsets?: readonly number[]
}

export interface FrameScanner {
  /** Returns the frames that the chunk completes. Concatenated, all returned frames are the bytes of the stream. */
  push(chunk: Uint8Array): Frame[]
  /** The bytes of the unfinished last frame. */
  rest(): Uint8Array
}

/**
 * Splits an event stream into whole frames and identifies the few that a relay must read, without decoding
 * the others: a chunk with two hundred deltas is returned as one frame, a view into that chunk.
 *
 * Lines end with LF or CRLF. A lone CR, which the standard also allows but no Claude service sends, does not
 * end a line. A frame ends with a blank line. It is named by its `event` line, or without one by the `type`
 * of its data. A scanner that has thrown cannot be used further.
 *
 * The reader of whole frames is in the same file, because calls across modules make a scan 5 % slower.
 */
export function createFrameScanner(options: FrameScannerOptions): FrameScanner {
  return new Scanner(options)
}

export interface FrameScannerOptions {
  readonly maxFrameBytes: number
  /** Adds JSON offsets to plain frames, so that the consumer need not search again. */
  readonly offsets?: boolean
}

class Scanner implements FrameScanner {
  #maxFrameBytes: number
  #buffer = createByteBuffer()
  // Offsets in the current chunk; buffered bytes have negative offsets.
  #frameStart = 0
  #lineStart = 0
  #contentSeen = false
  /**
   * Start of the current run of plain frames, and its JSON offsets; null if offsets are not requested or a
   * frame has an unusual form.
   */
  #runStart = 0
  #wantsOffsets: boolean
  #offsets: number[] | null = null

  constructor({ maxFrameBytes, offsets = false }: FrameScannerOptions) {
    this.#maxFrameBytes = maxFrameBytes
    this.#wantsOffsets = offsets
  }

  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = []
    this.#beginRun(0)
    for (let feed = this.#nextFeed(chunk); feed >= 0; feed = this.#nextFeed(chunk)) {
      const blank = this.#isBlankLine(chunk, feed)
      this.#lineStart = feed + 1
      if (!blank) continue

      const [start, end] = [this.#frameStart, this.#lineStart]
      this.#checkLength(end - start)
      if (start < 0) {
        this.#buffer.append(chunk.subarray(0, end))
        const bytes = this.#buffer.take()
        frames.push({ bytes, kind: this.#getKind(bytes, 0, bytes.length) })
        this.#beginRun(end)
      } else {
        const kind = this.#getKind(chunk, start, end)
        if (kind === 'plain') {
          this.#offsets = null
        } else {
          if (this.#runStart < start) frames.push(this.#readRun(chunk, start))
          frames.push({ bytes: chunk.subarray(start, end), kind })
          this.#beginRun(end)
        }
      }
      this.#frameStart = end
    }
    if (this.#runStart < this.#frameStart) frames.push(this.#readRun(chunk, this.#frameStart))
    this.#keepRest(chunk)
    return frames
  }

  rest(): Uint8Array {
    return this.#buffer.peek()
  }

  #beginRun(start: number): void {
    this.#runStart = start
    this.#offsets = this.#wantsOffsets ? [] : null
  }

  #readRun(chunk: Uint8Array, end: number): Frame {
    const bytes = chunk.subarray(this.#runStart, end)
    return this.#offsets === null
      ? { bytes, kind: 'plain' }
      : { bytes, kind: 'plain', offsets: this.#offsets }
  }

  /** Finds the next line feed after any content frames. Nearly all frames are content, and only their ends matter. */
  #nextFeed(chunk: Uint8Array): number {
    if (this.#contentSeen && this.#frameStart >= 0 && this.#frameStart === this.#lineStart)
      this.#passContent(chunk)
    return chunk.indexOf(lineFeed, Math.max(this.#lineStart, 0))
  }

  #passContent(chunk: Uint8Array): void {
    let start = this.#frameStart
    for (;;) {
      const line = findContentLine(chunk, start)
      const feed = line < 0 ? -1 : chunk.indexOf(lineFeed, line)
      if (feed < 0 || chunk[feed + 1] !== lineFeed) break
      this.#checkLength(feed + 2 - start)
      if (this.#offsets !== null) this.#notePlace(chunk, line, feed)
      start = feed + 2
    }
    this.#frameStart = start
    this.#lineStart = start
  }

  #notePlace(chunk: Uint8Array, line: number, feed: number): void {
    const start = skipSpace(chunk, line + dataField.length)
    const end = findLineEnd(chunk, feed)
    // An event without JSON is left to the reader of the frame.
    if (start >= end) this.#offsets = null
    else this.#offsets?.push(start - this.#runStart, end - this.#runStart)
  }

  /** The CR of a CRLF may be in the previous chunk. */
  #isBlankLine(chunk: Uint8Array, feed: number): boolean {
    const start = this.#lineStart
    if (feed === start) return true
    return feed === start + 1 && (feed === 0 ? this.#buffer.last() : chunk[start]) === carriageReturn
  }

  #keepRest(chunk: Uint8Array): void {
    this.#checkLength(chunk.length - this.#frameStart)
    this.#buffer.append(chunk.subarray(Math.max(this.#frameStart, 0)))
    this.#frameStart -= chunk.length
    this.#lineStart -= chunk.length
  }

  #getKind(bytes: Uint8Array, start: number, end: number): FrameKind {
    if (this.#contentSeen && isContent(bytes, start, end)) return 'plain'
    const reader = readSseEvents(bytes.subarray(start, end))
    if (!reader.next()) return 'plain'
    const kind = kindsByEvent.find(([event]) => reader.isNamed(event))?.[1] ?? 'plain'
    if (kind !== 'first_content') return kind
    if (this.#contentSeen) return 'plain'
    this.#contentSeen = true
    return kind
  }

  #checkLength(length: number): void {
    if (length > this.#maxFrameBytes)
      throw new WireError(
        'sse_frame_too_long',
        `a frame of the event stream is longer than ${this.#maxFrameBytes} bytes`,
      )
  }
}

const kindsByEvent: readonly (readonly [event: string, FrameKind])[] = [
  ['message_start', 'message_start'],
  ['message_delta', 'message_delta'],
  ['message_stop', 'message_stop'],
  ['content_block_delta', 'first_content'],
  ['error', 'error'],
]

/** Checks that a whole frame is a content event of two lines. */
function isContent(bytes: Uint8Array, start: number, end: number): boolean {
  const line = findContentLine(bytes, start)
  // Only the blank line follows the data line.
  return line >= 0 && bytes.indexOf(lineFeed, line) >= end - '\n\r\n'.length
}

/**
 * Finds the `data` line of a content event; -1 for any other frame. Only events of content blocks start with
 * a c, and nearly every frame of a stream is one.
 */
function findContentLine(bytes: Uint8Array, start: number): number {
  const name = skipSpace(bytes, start + eventField.length)
  return bytes[name] === letterC ? findDataLine(bytes, start) : -1
}

/**
 * The event that `next` found: its data is `bytes` from `start` to `end`. One object is reused for all
 * events, because a chunk may contain hundreds.
 */
export interface SseEventReader {
  /** The frames themselves, unless the data had to be joined from several lines. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  next(): boolean
  /** An event that is unnamed or named `message` takes the `type` of its data. */
  isNamed(name: string): boolean
  decode(): SseEvent
  decodeData(): string
}

/**
 * Reads the events in whole frames, such as those of a frame scanner. Events in the usual form (an `event`
 * line, one `data` line and a blank line) are neither copied nor decoded. Frames without data, such as
 * keep-alive comments, are skipped.
 */
export function readSseEvents(frames: Uint8Array): SseEventReader {
  return new EventReader(frames)
}

class EventReader implements SseEventReader {
  bytes: Uint8Array
  start = 0
  end = 0
  #frames: Uint8Array
  #at = 0
  #nameStart = 0
  #nameEnd = 0
  /** The current event, if it is not in the usual form. */
  #decoded: SseEvent | null = null

  constructor(frames: Uint8Array) {
    this.bytes = frames
    this.#frames = frames
  }

  next(): boolean {
    while (this.#at < this.#frames.length) {
      if (this.#readUsualFrame()) return true
      const end = findFrameEnd(this.#frames, this.#at)
      const event = decodeFrame(this.#frames.subarray(this.#at, end))
      this.#at = end
      if (event === null) continue
      this.#decoded = event
      this.bytes = utf8.encode(event.data)
      this.start = 0
      this.end = this.bytes.length
      return true
    }
    return false
  }

  isNamed(name: string): boolean {
    if (this.#decoded !== null) return nameEvent(this.#decoded) === name
    return this.#nameEnd - this.#nameStart === name.length && startsWith(this.#frames, this.#nameStart, name)
  }

  decode(): SseEvent {
    if (this.#decoded !== null) return this.#decoded
    return {
      event: text.decode(this.#frames.subarray(this.#nameStart, this.#nameEnd)),
      data: this.decodeData(),
    }
  }

  decodeData(): string {
    return this.#decoded?.data ?? text.decode(this.#frames.subarray(this.start, this.end))
  }

  #readUsualFrame(): boolean {
    const frames = this.#frames
    const line = findDataLine(frames, this.#at)
    if (line < 0) return false
    const feed = frames.indexOf(lineFeed, line)
    if (feed < 0) return false
    const blank = frames[feed + 1] === carriageReturn ? feed + 2 : feed + 1
    if (frames[blank] !== lineFeed) return false
    this.#decoded = null
    this.#nameStart = skipSpace(frames, this.#at + eventField.length)
    this.#nameEnd = findLineEnd(frames, line - 1)
    if (this.#nameEnd <= this.#nameStart || this.isNamed('message')) return false
    this.bytes = frames
    this.start = skipSpace(frames, line + dataField.length)
    this.end = findLineEnd(frames, feed)
    this.#at = blank + 1
    return true
  }
}

/** Finds the `data` line that follows the `event` line at the start of a frame; -1 for any other form. */
function findDataLine(bytes: Uint8Array, start: number): number {
  if (!startsWith(bytes, start, eventField)) return -1
  // Names are short, so a loop finishes before a native search has started.
  let at = start + eventField.length
  while (at < bytes.length && bytes[at] !== lineFeed) at += 1
  return startsWith(bytes, at + 1, dataField) ? at + 1 : -1
}

/** Skips the one space that may follow the colon of a field. */
function skipSpace(bytes: Uint8Array, at: number): number {
  return bytes[at] === space ? at + 1 : at
}

/** Finds the end of the line whose line feed is at `feed`. */
function findLineEnd(bytes: Uint8Array, feed: number): number {
  return bytes[feed - 1] === carriageReturn ? feed - 1 : feed
}

/** Returns the offset after the blank line that ends the frame, or the end of the bytes. */
function findFrameEnd(bytes: Uint8Array, start: number): number {
  for (let lineStart = start; ;) {
    const feed = bytes.indexOf(lineFeed, lineStart)
    if (feed < 0) return bytes.length
    if (findLineEnd(bytes, feed) <= lineStart) return feed + 1
    lineStart = feed + 1
  }
}

function startsWith(bytes: Uint8Array, start: number, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i += 1) {
    if (bytes[start + i] !== ascii.charCodeAt(i)) return false
  }
  return true
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const eventField = 'event:'
const dataField = 'data:'
const space = 0x20
const letterC = 0x63

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { ignoreBOM: true })
