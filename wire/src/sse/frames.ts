import { createByteBuffer } from '../body/byte-buffer.ts'
import { WireError } from '../error.ts'
import { isBrokenEvent } from './broken-event.ts'
import { decodeFrame, nameEvent } from './decode-frame.ts'
import type { SseEvent } from './decode-frame.ts'
import type { Frame, FrameKind, FrameScanner, SseEventReader } from './frame.ts'

/**
 * Cuts an event stream into whole frames and points out the few that a relay needs, without decoding the others: a
 * chunk with two hundred deltas comes out as one frame, a view into that chunk. Lines end with LF or CRLF, but not with
 * a CR alone, which the standard allows and no service of Claude sends. A frame ends with a blank line; its `event`
 * line names it, or without one the `type` of its data. The scanner cannot be used any more once it has thrown. The
 * reader of whole frames stands in the same file, because calls across modules make a scan 5 % slower.
 */
export function createFrameScanner(options: FrameScannerOptions): FrameScanner {
  return new Scanner(options)
}

export interface FrameScannerOptions {
  readonly maxFrameBytes: number
  /** Records the offsets of the JSON of each event, for callers that would search for it again. */
  readonly offsets?: boolean
}

class Scanner implements FrameScanner {
  contentEvents = 0
  #maxFrameBytes: number
  #buffer = createByteBuffer()
  // Offsets in the chunk at hand; bytes that lie in the carry are below zero.
  #frameStart = 0
  #lineStart = 0
  #contentSeen = false
  /** The number of lines in the unfinished frame. */
  #lines = 0
  /**
   * Start of the current run of plain frames, and the offsets in it; null where nobody asked, or one is not in the
   * usual form.
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
      if (!blank) {
        this.#countLine()
        continue
      }
      this.#lines = 0

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

  /** The next line feed behind the frames of content, which nearly all are and of which only the ends matter. */
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
      if (feed < 0 || chunk[feed + 1] !== lineFeed || !holdsObject(chunk, line, feed)) break
      this.#checkLength(feed + 2 - start)
      if (this.#offsets !== null) this.#notePlace(chunk, line, feed)
      this.contentEvents += 1
      start = feed + 2
    }
    this.#frameStart = start
    this.#lineStart = start
  }

  #notePlace(chunk: Uint8Array, line: number, feed: number): void {
    const start = skipSpace(chunk, line + dataField.length)
    const end = findLineEnd(chunk, feed)
    // The reader of whole frames skips an event without JSON.
    if (start >= end) this.#offsets = null
    else this.#offsets?.push(start - this.#runStart, end - this.#runStart)
  }

  /** The CR of a CRLF may have come with the chunk before. */
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
    if (this.#contentSeen && isContent(bytes, start, end)) {
      this.contentEvents += 1
      return 'plain'
    }
    // A blank line, without a reader: a hostile stream may consist of them.
    if (end - start <= 2) return 'plain'
    const reader = readSseEvents(bytes.subarray(start, end))
    if (!reader.next()) return 'plain'
    const kind = kindsByEvent.find(([event]) => reader.isNamed(event))?.[1] ?? 'plain'
    if (isBrokenEvent(reader)) return 'broken'
    if (kind !== 'first_content') return kind
    this.contentEvents += 1
    if (this.#contentSeen) return 'plain'
    this.#contentSeen = true
    return kind
  }

  #countLine(): void {
    this.#lines += 1
    if (this.#lines > maxFrameLines) throw createLengthError(`has more than ${maxFrameLines} lines`)
  }

  #checkLength(length: number): void {
    if (length > this.#maxFrameBytes) throw createLengthError(`is longer than ${this.#maxFrameBytes} bytes`)
  }
}

function createLengthError(problem: string): WireError {
  return new WireError('sse_frame_too_long', `a frame of the event stream ${problem}`)
}

/** A frame is decoded line by line, which costs more than its bytes. JSON printed over several lines has some thousand. */
const maxFrameLines = 100_000

const kindsByEvent: readonly (readonly [event: string, FrameKind])[] = [
  ['message_start', 'message_start'],
  ['message_delta', 'message_delta'],
  ['message_stop', 'message_stop'],
  ['content_block_delta', 'first_content'],
  ['error', 'error'],
]

/** Whether a whole frame is a content event of two lines. */
function isContent(bytes: Uint8Array, start: number, end: number): boolean {
  const line = findContentLine(bytes, start)
  if (line < 0) return false
  const feed = bytes.indexOf(lineFeed, line)
  // Only the blank line follows the data line.
  return feed >= end - '\n\r\n'.length && holdsObject(bytes, line, feed)
}

/** Whether a `data` line has the braces of an object at its ends, as nearly every one has. */
function holdsObject(bytes: Uint8Array, line: number, feed: number): boolean {
  const end = findLineEnd(bytes, feed)
  return bytes[skipSpace(bytes, line + dataField.length)] === openBrace && bytes[end - 1] === closeBrace
}

/**
 * The offset of the `data` line of a content event; -1 for any other frame. Only the events of content
 * blocks start with a c, and nearly every frame of a stream is one.
 */
function findContentLine(bytes: Uint8Array, start: number): number {
  const name = skipSpace(bytes, start + eventField.length)
  return bytes[name] === letterC ? findDataLine(bytes, start) : -1
}

/**
 * Reads the events in whole frames, such as those of a frame scanner, without copying or decoding
 * those in the usual form: an `event` line, one `data` line and a blank line. Frames without data,
 * such as comments that keep a connection open, are skipped.
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
  /** The event at hand, unless it is in the usual form. */
  #decoded: SseEvent | null = null
  /** The name of that event, which may have to be read from its data. */
  #name: string | null = null

  constructor(frames: Uint8Array) {
    this.bytes = frames
    this.#frames = frames
  }

  next(): boolean {
    this.#name = null
    while (this.#at < this.#frames.length) {
      const blank = findBlankLineEnd(this.#frames, this.#at)
      if (blank > this.#at) {
        this.#at = blank
        continue
      }
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
    if (this.#decoded !== null) return (this.#name ??= nameEvent(this.#decoded)) === name
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

/** The offset of the `data` line that follows the `event` line of a frame; -1 if the frame has another form. */
function findDataLine(bytes: Uint8Array, start: number): number {
  if (!startsWith(bytes, start, eventField)) return -1
  // Names are short, so that a loop is done before a search has begun.
  let at = start + eventField.length
  while (at < bytes.length && bytes[at] !== lineFeed) at += 1
  return startsWith(bytes, at + 1, dataField) ? at + 1 : -1
}

/** The offset behind the one space that may follow the colon of a field. */
function skipSpace(bytes: Uint8Array, at: number): number {
  return bytes[at] === space ? at + 1 : at
}

/** The end of the line whose line feed is at `feed`. */
function findLineEnd(bytes: Uint8Array, feed: number): number {
  return bytes[feed - 1] === carriageReturn ? feed - 1 : feed
}

/** The offset behind a blank line, or `at`. A hostile stream may consist of blank lines, which must cost little. */
function findBlankLineEnd(bytes: Uint8Array, at: number): number {
  const feed = bytes[at] === carriageReturn ? at + 1 : at
  return bytes[feed] === lineFeed ? feed + 1 : at
}

/** The offset behind the blank line that ends the frame, or the end of the bytes. */
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
const openBrace = 0x7b
const closeBrace = 0x7d

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { ignoreBOM: true })
