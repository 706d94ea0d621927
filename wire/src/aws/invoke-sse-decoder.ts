import { joinBytes } from '../body/join-bytes.ts'
import type { Allocate } from '../body/join-bytes.ts'
import { encodeBase64 } from './base64.ts'
import { createFrameDecoder, stringHeader } from './event-stream.ts'
import type { DecodedFrame } from './event-stream.ts'
import { KnownDeltas } from './known-deltas.ts'
import { encodeInvokeSse, readInvokeEvent } from './invoke-stream-decoder.ts'
import type { InvokeDecoderOptions, ReadBase64 } from './invoke-stream-decoder.ts'

export interface InvokeSseDecoder {
  /** Returns the SSE of the events that the bytes, cut anywhere, complete. Throws a WireError if the stream is invalid. */
  push(bytes: Uint8Array): Uint8Array
  /** Must be called at the end of the stream; throws `frame_truncated` if it ended inside a message. */
  end(): void
}

export interface InvokeSseOptions extends Pick<InvokeDecoderOptions, 'crc32'> {
  readonly decodeBase64: ReadBase64
  readonly allocate: Allocate
  /**
   * Decodes the base64 between two offsets of a source into a target, and returns the number of bytes; -1 if it is none.
   */
  readonly writeBase64: WriteBase64
  /** Changes the text of an exception. Default: it stays as it is. */
  readonly editMessage?: (message: string) => string
}

export type WriteBase64 = (
  source: Uint8Array,
  from: { readonly start: number; readonly end: number },
  target: Uint8Array,
  at: number,
) => number

/**
 * Decodes the stream of InvokeModelWithResponseStream to the SSE of the Messages API. Nearly all events are deltas of
 * content, which are decoded straight into the bytes that leave: with memory and a copy of its own for each event, a
 * stream cost a third more.
 */
export function createInvokeSseDecoder(options: InvokeSseOptions): InvokeSseDecoder {
  const { allocate, decodeBase64, writeBase64, editMessage = (message) => message } = options
  const frames = createFrameDecoder(options)
  const known = new KnownDeltas(eventLines)
  return {
    push(bytes) {
      // The SSE of a delta is shorter than its message. There may be no room for one that began in another chunk.
      const target = allocate(bytes.length)
      const copy = { source: createView(bytes), target: createView(target), at: 0, to: 0, crc: 0 }
      const pieces: Uint8Array[] = []
      let start = 0
      frames.pushTo(bytes, {
        readAt(at) {
          copy.at = at
          if (!known.decode(copy)) return -1
          copy.target.setUint16(copy.to, blankLine)
          copy.to += blankLineBytes
          return copy.at
        },
        take(frame) {
          const jsonAt = copy.to + eventLines.length
          const end = writeDelta(frame, target, copy.to, writeBase64)
          if (end >= 0) {
            known.learn(target, jsonAt, end)
            copy.target.setUint16(end, blankLine)
            copy.to = end + blankLineBytes
            return
          }
          const event = readInvokeEvent(frame, decodeBase64)
          const shown = event.kind === 'exception' ? { ...event, message: editMessage(event.message) } : event
          pieces.push(target.subarray(start, copy.to), encodeInvokeSse(shown, allocate))
          start = copy.to
        },
      })
      const rest = target.subarray(start, copy.to)
      return pieces.length === 0 ? rest : joinBytes([...pieces, rest], allocate)
    },
    end: () => frames.end(),
  }
}

function createView({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/**
 * Writes the lines of a delta of content; returns the offset after them, or -1 if there is no room, or if the event is
 * none in the usual form.
 */
function writeDelta(frame: DecodedFrame, target: Uint8Array, at: number, writeBase64: WriteBase64): number {
  const { payload } = frame
  if (target.length - at < eventLines.length + payload.length + blankLineBytes) return -1
  if (!isAt(payload, 0, deltaHead) || stringHeader(frame, ':event-type') !== 'chunk') return -1
  if (stringHeader(frame, ':message-type') !== 'event') return -1
  const quoteAt = payload.indexOf(quote, deltaHead.length)
  if (quoteAt < 0) return -1
  target.set(eventLines, at)
  const start = at + eventLines.length
  const length = writeBase64(payload, { start: bytesMember.length, end: quoteAt }, target, start)
  const end = start + length
  if (length < deltaStart.length || !isAt(target, start, deltaStart) || hasLineEnd(target, start, end))
    return -1
  return end
}

function isAt(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let at = 0; at < part.length; at += 1) if (bytes[start + at] !== part[at]) return false
  return true
}

/** JSON may contain line ends between its tokens. */
function hasLineEnd(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1)
    if (bytes[at] === lineFeed || bytes[at] === carriageReturn) return true
  return false
}

const utf8 = new TextEncoder()
const eventLines = utf8.encode('event: content_block_delta\ndata: ')
/** Ends the data line and the event. */
const blankLine = 0x0a0a
const blankLineBytes = 2
const bytesMember = utf8.encode('{"bytes":"')
const deltaStart = utf8.encode('{"type":"content_block_delta"')
/** The base64 of a multiple of three bytes does not depend on what follows. */
const deltaHead = joinBytes([bytesMember, utf8.encode(encodeBase64(deltaStart.subarray(0, 27)))])
const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
