import { createByteCarry } from './byte-carry.ts'
import { WireError } from './error.ts'
import { isJsonObject, parseJson } from './json-value.ts'
import { createSseDecoder } from './sse-decoder.ts'
import type { SseEvent } from './sse-decoder.ts'

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
export function createFrameScanner({ maxFrameBytes }: { readonly maxFrameBytes: number }): FrameScanner {
  return new Scanner(maxFrameBytes)
}

class Scanner implements FrameScanner {
  #maxFrameBytes: number
  #carry = createByteCarry()
  // Offsets in the chunk at hand; bytes that lie in the carry are below zero.
  #frameStart = 0
  #lineStart = 0
  #secondLine = 0
  #lines = 0
  #contentSeen = false

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = []
    let runStart = 0
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
        this.#carry.append(chunk.subarray(0, end))
        const bytes = this.#carry.take()
        frames.push({ bytes, kind: this.#kindOf(bytes, 0, bytes.length) })
        runStart = end
      } else {
        const kind = this.#kindOf(chunk, start, end)
        if (kind !== 'plain') {
          if (runStart < start) frames.push({ bytes: chunk.subarray(runStart, start), kind: 'plain' })
          frames.push({ bytes: chunk.subarray(start, end), kind })
          runStart = end
        }
      }
      this.#frameStart = end
      this.#lines = 0
    }
    if (runStart < this.#frameStart)
      frames.push({ bytes: chunk.subarray(runStart, this.#frameStart), kind: 'plain' })
    this.#keepRest(chunk)
    return frames
  }

  rest(): Uint8Array {
    return this.#carry.peek()
  }

  /** The next line feed behind the frames of content, which nearly all are and of which only the ends matter. */
  #nextFeed(chunk: Uint8Array): number {
    if (this.#contentSeen && this.#frameStart >= 0 && this.#frameStart === this.#lineStart)
      this.#passContent(chunk)
    return chunk.indexOf(lineFeed, Math.max(this.#lineStart, 0))
  }

  #passContent(chunk: Uint8Array): void {
    let start = this.#frameStart
    for (let end = endOfContent(chunk, start); end >= 0; end = endOfContent(chunk, start)) {
      this.#checkLength(end - start)
      start = end
    }
    this.#frameStart = start
    this.#lineStart = start
  }

  /** The CR of a CRLF may have come with the chunk before. */
  #isBlankLine(chunk: Uint8Array, feed: number): boolean {
    const start = this.#lineStart
    if (feed === start) return true
    return feed === start + 1 && (feed === 0 ? this.#carry.last() : chunk[start]) === carriageReturn
  }

  #keepRest(chunk: Uint8Array): void {
    this.#checkLength(chunk.length - this.#frameStart)
    this.#carry.append(chunk.subarray(Math.max(this.#frameStart, 0)))
    this.#frameStart -= chunk.length
    this.#lineStart -= chunk.length
    this.#secondLine -= chunk.length
  }

  #kindOf(bytes: Uint8Array, start: number, end: number): FrameKind {
    const second = this.#lines === 2 ? start + this.#secondLine - this.#frameStart : null
    if (this.#contentSeen && isContent(bytes, start, second)) return 'plain'
    const kind = kindsByEvent.get(nameOf(bytes, start, second) ?? decodedName(bytes.subarray(start, end)))
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
export function dataOf(frame: Uint8Array): string {
  return usualDataOf(frame) ?? decodeFrame(frame)?.data ?? ''
}

/** Read in its place where the frame has the usual form; a decoder is made of many objects. */
function usualDataOf(frame: Uint8Array): string | null {
  const line = dataLineOf(frame, 0)
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

/** Just behind such a frame in the usual form, found by a single search; -1 for any other, and where the chunk ends before. */
function endOfContent(bytes: Uint8Array, start: number): number {
  const name = start + eventField.length
  if (bytes[bytes[name] === space ? name + 1 : name] !== letterC) return -1
  const line = dataLineOf(bytes, start)
  if (line < 0) return -1
  const end = bytes.indexOf(lineFeed, line)
  return end >= 0 && bytes[end + 1] === lineFeed ? end + 2 : -1
}

/** Where the `data` line begins that follows the `event` line of a frame in the usual form; -1 where it has another. */
function dataLineOf(bytes: Uint8Array, start: number): number {
  if (!startsWith(bytes, start, eventField)) return -1
  // Names are short, so that a loop is done before a search has begun.
  let at = start + eventField.length
  while (at < bytes.length && bytes[at] !== lineFeed) at += 1
  return startsWith(bytes, at + 1, dataField) ? at + 1 : -1
}

/** Reads the name off a frame in the usual form, where one `data` line follows an `event` line. */
function nameOf(bytes: Uint8Array, start: number, second: number | null): string | null {
  if (second === null || !isUsual(bytes, start, second)) return null
  const line = utf8.decode(bytes.subarray(start + eventField.length, second))
  const name = line.replace(/^ |\r?\n$/g, '')
  // The standard takes no name and `message` for the same.
  return name === '' || name === 'message' ? null : name
}

function decodedName(frame: Uint8Array): string {
  const event = decodeFrame(frame)
  if (event === undefined) return ''
  return event.event === 'message' ? typeOf(event.data) : event.event
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

function typeOf(data: string): string {
  const parsed = parseJson(data)
  return isJsonObject(parsed) && typeof parsed.type === 'string' ? parsed.type : ''
}
