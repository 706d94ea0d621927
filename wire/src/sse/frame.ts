import type { SseEvent } from './decode-frame.ts'

/**
 * `first_content` is the first `content_block_delta` of a stream; those after it are plain. `broken` is an event that
 * clients parse and whose data is no object, such as one that was cut: only its braces are checked, not its JSON.
 */
export type FrameKind =
  | 'plain'
  | 'message_start'
  | 'message_delta'
  | 'message_stop'
  | 'first_content'
  | 'error'
  | 'broken'

/** A whole frame with its blank line; plain ones that stood together in a chunk stay together. */
export interface Frame {
  /** A view into the chunk, unless the frame was cut. */
  readonly bytes: Uint8Array
  readonly kind: FrameKind
  /**
   * Start and end of the JSON of each of its events, in order; only if asked for, and of plain ones in the usual
   * form.
   */
  readonly offsets?: readonly number[]
}

export interface FrameScanner {
  /** Gives the frames that the chunk completes; one after the other they are the bytes of the stream. */
  push(chunk: Uint8Array): Frame[]
  /** The bytes of the unfinished frame at the end. */
  rest(): Uint8Array
  /** The number of events of content blocks so far, from the first `content_block_delta` on. */
  readonly contentEvents: number
}

/** The event that `next` found: its data is `bytes` from `start` to `end`. One object serves all events, since one chunk may hold hundreds. */
export interface SseEventReader {
  /** The frames themselves, unless the data had to be put together. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  next(): boolean
  /** An event that is called `message`, or nothing, has the name that the `type` of its data gives. */
  isNamed(name: string): boolean
  decode(): SseEvent
  decodeData(): string
}
