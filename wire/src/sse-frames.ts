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
  const carry = createByteCarry()
  // Offsets in the chunk at hand; bytes that lie in the carry are below zero.
  let frameStart = 0
  let lineStart = 0
  let secondLine = 0
  let lines = 0
  let contentSeen = false

  function push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = []
    let runStart = 0
    for (let feed = chunk.indexOf(lineFeed); feed >= 0; feed = chunk.indexOf(lineFeed, lineStart)) {
      const blank = isBlankLine(chunk, feed)
      lineStart = feed + 1
      if (!blank) {
        lines += 1
        if (lines === 1) secondLine = lineStart
        continue
      }

      checkLength(lineStart - frameStart)
      if (frameStart < 0) {
        carry.append(chunk.subarray(0, lineStart))
        const bytes = carry.take()
        frames.push({ bytes, kind: kindOf(bytes, 0, bytes.length) })
        runStart = lineStart
      } else {
        const kind = kindOf(chunk, frameStart, lineStart)
        if (kind !== 'plain') {
          if (runStart < frameStart)
            frames.push({ bytes: chunk.subarray(runStart, frameStart), kind: 'plain' })
          frames.push({ bytes: chunk.subarray(frameStart, lineStart), kind })
          runStart = lineStart
        }
      }
      frameStart = lineStart
      lines = 0
    }
    if (runStart < frameStart) frames.push({ bytes: chunk.subarray(runStart, frameStart), kind: 'plain' })
    keepRest(chunk)
    return frames
  }

  /** The CR of a CRLF may have come with the chunk before. */
  function isBlankLine(chunk: Uint8Array, feed: number): boolean {
    if (feed === lineStart) return true
    return feed === lineStart + 1 && (feed === 0 ? carry.last() : chunk[lineStart]) === carriageReturn
  }

  function keepRest(chunk: Uint8Array): void {
    checkLength(chunk.length - frameStart)
    carry.append(chunk.subarray(Math.max(frameStart, 0)))
    frameStart -= chunk.length
    lineStart -= chunk.length
    secondLine -= chunk.length
  }

  function kindOf(bytes: Uint8Array, start: number, end: number): FrameKind {
    const second = lines === 2 ? start + secondLine - frameStart : null
    if (contentSeen && isContent(bytes, start, second)) return 'plain'
    const kind = kindsByEvent.get(nameOf(bytes, start, second) ?? decodedName(bytes.subarray(start, end)))
    if (kind !== 'first_content') return kind ?? 'plain'
    if (contentSeen) return 'plain'
    contentSeen = true
    return kind
  }

  function checkLength(length: number): void {
    if (length > maxFrameBytes)
      throw new WireError(
        'sse_frame_too_long',
        `a frame of the event stream is longer than ${maxFrameBytes} bytes`,
      )
  }

  return { push, rest: () => carry.peek() }
}

/** The data of one frame, its lines joined with line feeds; empty for a frame without any. */
export function dataOf(frame: Uint8Array): string {
  return decodeFrame(frame)?.data ?? ''
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

const utf8 = new TextDecoder()

/** Nothing but the events of content blocks starts with a c, and nearly every frame of a stream is one. */
function isContent(bytes: Uint8Array, start: number, second: number | null): boolean {
  if (second === null || !isUsual(bytes, start, second)) return false
  const name = start + eventField.length
  return bytes[bytes[name] === space ? name + 1 : name] === letterC
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
