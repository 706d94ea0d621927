import { createByteBuffer } from '../body/byte-buffer.ts'
import { WireError } from '../error.ts'
import { isJsonObject, parseJson } from '../body/json-value.ts'
import { createSseDecoder } from './decoder.ts'
import type { SseEvent } from './decoder.ts'

/** `first_content` is the first `content_block_delta` of a stream; those after it are plain. */
export type FrameKind =
  | 'plain'
  | 'message_start'
  | 'message_delta'
  | 'message_stop'
  | 'first_content'
  | 'error'

/** A whole frame with its blank line; plain ones that stood together in a chunk stay together. */
export interface Frame {
  /** A view into the chunk, unless the frame was cut. */
  readonly bytes: Uint8Array
  readonly kind: FrameKind
  /** Where the JSON of each of its events begins and ends, in turn; only if asked for, and of plain ones in the usual form. */
  readonly offsets?: readonly number[]
}

export interface FrameScanner {
  /** Gives the frames that the chunk completes; one after the other they are the bytes of the stream. */
  push(chunk: Uint8Array): Frame[]
  /** The bytes of the unfinished frame at the end. */
  rest(): Uint8Array
}

/**
 * Cuts an event stream into whole frames and points out the few that bear
 * meaning for a relay without decoding the others: a chunk with two hundred
 * deltas comes out as one frame, a view into that chunk.
 *
 * A frame ends with an empty line after LF or CRLF (no service of Claude ends
 * lines with CR alone). Its `event` line names it, or without one the `type` of
 * its data. The scanner cannot be used further once it has thrown.
 */
export function createFrameScanner(options: FrameScannerOptions): FrameScanner {
  return new Scanner(options)
}

export interface FrameScannerOptions {
  readonly maxFrameBytes: number
  /** Whether frames say where the JSON of their events is, for who would look for it again. */
  readonly offsets?: boolean
}

class Scanner implements FrameScanner {
  #maxFrameBytes: number
  #buffer = createByteBuffer()
  // Offsets in the chunk at hand; bytes that lie in the carry are below zero.
  #frameStart = 0
  #lineStart = 0
  #secondLine = 0
  #lines = 0
  #contentSeen = false
  /** Where the run of plain frames at hand begins, and the places in it; null where nobody asked, or one is not in the usual form. */
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
        this.#lines += 1
        if (this.#lines === 1) this.#secondLine = this.#lineStart
        continue
      }

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
      this.#lines = 0
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
      if (feed < 0 || chunk[feed + 1] !== lineFeed) break
      this.#checkLength(feed + 2 - start)
      if (this.#offsets !== null) this.#notePlace(chunk, line, feed)
      start = feed + 2
    }
    this.#frameStart = start
    this.#lineStart = start
  }

  #notePlace(chunk: Uint8Array, line: number, feed: number): void {
    const start = line + dataField.length
    const hasReturn = chunk[line - 2] === carriageReturn || chunk[feed - 1] === carriageReturn
    if (hasReturn) this.#offsets = null
    else
      this.#offsets?.push(
        (chunk[start] === space ? start + 1 : start) - this.#runStart,
        feed - this.#runStart,
      )
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
    this.#secondLine -= chunk.length
  }

  #getKind(bytes: Uint8Array, start: number, end: number): FrameKind {
    const second = this.#lines === 2 ? start + this.#secondLine - this.#frameStart : null
    if (this.#contentSeen && isContent(bytes, start, second)) return 'plain'
    const kind = kindsByEvent.get(getName(bytes, start, second) ?? decodedName(bytes.subarray(start, end)))
    if (kind !== 'first_content') return kind ?? 'plain'
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

/** The data of one frame, its lines joined with line feeds; empty for a frame without any. */
export function readData(frame: Uint8Array): string {
  return readUsualData(frame) ?? decodeFrame(frame)?.data ?? ''
}

/** Read in its place where the frame has the usual form; a decoder is made of many objects. */
function readUsualData(frame: Uint8Array): string | null {
  const line = findDataLine(frame, 0)
  if (line < 0 || frame.indexOf(carriageReturn) >= 0) return null
  const end = frame.indexOf(lineFeed, line)
  if (end < 0 || end !== frame.length - 2 || frame[end + 1] !== lineFeed) return null
  const start = line + dataField.length
  return utf8.decode(frame.subarray(frame[start] === space ? start + 1 : start, end))
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const letterC = 0x63

const kindsByEvent: ReadonlyMap<string, FrameKind> = new Map([
  ['message_start', 'message_start'],
  ['message_delta', 'message_delta'],
  ['message_stop', 'message_stop'],
  ['content_block_delta', 'first_content'],
  ['error', 'error'],
])

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Nothing but the events of content blocks starts with a c, and nearly every frame of a stream is one. */
function isContent(bytes: Uint8Array, start: number, second: number | null): boolean {
  if (second === null || !isUsual(bytes, start, second)) return false
  const name = start + eventField.length
  return bytes[bytes[name] === space ? name + 1 : name] === letterC
}

/** Where the `data` line of such a frame begins; -1 where it has another form. */
function findContentLine(bytes: Uint8Array, start: number): number {
  const name = start + eventField.length
  return bytes[bytes[name] === space ? name + 1 : name] === letterC ? findDataLine(bytes, start) : -1
}

/** Where the `data` line begins that follows the `event` line of a frame in the usual form; -1 where it has another. */
function findDataLine(bytes: Uint8Array, start: number): number {
  if (!startsWith(bytes, start, eventField)) return -1
  // Names are short, so that a loop is done before a search has begun.
  let at = start + eventField.length
  while (at < bytes.length && bytes[at] !== lineFeed) at += 1
  return startsWith(bytes, at + 1, dataField) ? at + 1 : -1
}

/** Reads the name off a frame in the usual form, where one `data` line follows an `event` line. */
function getName(bytes: Uint8Array, start: number, second: number | null): string | null {
  if (second === null || !isUsual(bytes, start, second)) return null
  const line = utf8.decode(bytes.subarray(start + eventField.length, second))
  const name = line.replace(/^ |\r?\n$/g, '')
  // The standard takes no name and `message` for the same.
  return name === '' || name === 'message' ? null : name
}

function decodedName(frame: Uint8Array): string {
  const event = decodeFrame(frame)
  if (event === undefined) return ''
  return event.event === 'message' ? getType(event.data) : event.event
}

const eventField = 'event:'
const dataField = 'data:'

function isUsual(bytes: Uint8Array, start: number, second: number): boolean {
  return startsWith(bytes, start, eventField) && startsWith(bytes, second, dataField)
}

function startsWith(bytes: Uint8Array, start: number, field: string): boolean {
  for (let i = 0; i < field.length; i += 1) {
    if (bytes[start + i] !== field.charCodeAt(i)) return false
  }
  return true
}

function decodeFrame(frame: Uint8Array): SseEvent | undefined {
  const limits = { maxLineBytes: frame.length, maxEventBytes: frame.length }
  return createSseDecoder(limits).push(frame).at(-1)
}

function getType(data: string): string {
  const parsed = parseJson(data)
  return isJsonObject(parsed) && typeof parsed.type === 'string' ? parsed.type : ''
}
