import type { Call } from '../calls/call.ts'
import type { CapturedBodies } from './body-block.ts'
import { hideTokens } from './mcp-tokens.ts'

/** Collects the request and the answer of one call while it runs. */
export interface BodyCapture {
  /** An attempt begins; the answer of the one before is dropped. */
  begin(): void
  /** The head of an answer has arrived. */
  head(isStream: boolean): void
  /** A piece of the answer, which is kept by reference. */
  chunk(bytes: Uint8Array): void
  /** The call has ended: stores what was collected. */
  keep(): void
  /** Frees what was collected. Without effect after `keep`. */
  drop(): void
}

/** The memory of all calls, and the way to the disk. */
export interface CaptureTarget {
  readonly maxBytes: number
  /** False: no memory is left. */
  reserve(bytes: number): boolean
  free(bytes: number): void
  /** Takes the bodies of an ended call, whose memory is reserved. */
  store(bodies: Omit<CapturedBodies, 'callId'>, reservedBytes: number): void
  /** The bodies of a call are lost, because no memory was left for them. */
  countDropped(): void
}

/** The request is in memory while the call runs, so it counts from the end of the call on. */
export function createBodyCapture(call: CapturedCall, target: CaptureTarget): BodyCapture {
  return new Capture(call, target)
}

type CapturedCall = Pick<Call, 'body' | 'index'>

class Capture implements BodyCapture {
  readonly #call: CapturedCall
  readonly #target: CaptureTarget
  #pieces: Uint8Array[] = []
  #keptBytes = 0
  #size = 0
  /** Null: no answer has begun. */
  #isStream: boolean | null = null
  #reserved = 0
  #isLost = false

  constructor(call: CapturedCall, target: CaptureTarget) {
    this.#call = call
    this.#target = target
  }

  begin(): void {
    this.drop()
    this.#isStream = null
    this.#size = 0
    this.#keptBytes = 0
  }

  head(isStream: boolean): void {
    this.#isStream = isStream
  }

  chunk(bytes: Uint8Array): void {
    this.#size += bytes.byteLength
    const room = this.#target.maxBytes - this.#keptBytes
    if (room === 0 || this.#isLost || bytes.byteLength === 0) return
    const piece = cut(bytes, room)
    if (!this.#reserve(piece.byteLength + pieceBytes)) return
    this.#pieces.push(piece)
    this.#keptBytes += piece.byteLength
  }

  keep(): void {
    const { body } = this.#call
    const bytes = hideTokens(cut(body, this.#target.maxBytes), this.#call)
    if (this.#isLost || !this.#reserve(bytes.byteLength)) return this.#target.countDropped()
    const request = { bytes, size: body.byteLength }
    const answer =
      this.#isStream === null ? null : { pieces: this.#pieces, size: this.#size, isStream: this.#isStream }
    this.#target.store({ request, answer }, this.#reserved)
    this.#pieces = []
    this.#reserved = 0
  }

  drop(): void {
    this.#target.free(this.#reserved)
    this.#reserved = 0
    this.#pieces = []
  }

  /** Without memory nothing of the call is stored: half an answer would look like a whole one. */
  #reserve(bytes: number): boolean {
    if (this.#target.reserve(bytes)) {
      this.#reserved += bytes
      return true
    }
    this.drop()
    this.#isLost = true
    return false
  }
}

/** The first bytes, copied if there are more: a view would keep all of them in memory. */
function cut(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return bytes.byteLength <= maxBytes ? bytes : Uint8Array.from(bytes.subarray(0, maxBytes))
}

/** The memory of a piece besides its bytes, so that a stream of tiny pieces counts as what it takes. */
const pieceBytes = 256
