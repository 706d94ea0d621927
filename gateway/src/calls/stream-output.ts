import { streamHeaders } from '@anthology/wire'

import { nameType } from '../http/headers.ts'
import type { Attempt, SinkOptions } from './attempt.ts'
import { createResponseHeaders, forwardHeaders } from './response-headers.ts'

/** Sends a stream to the client: the head once the call's first row is durable, then bytes with backpressure. */
export class StreamOutput {
  rowIsDurable = false
  readonly #attempt: Attempt
  readonly #options: SinkOptions
  /** Bytes queued until the call's first row is durable; null once the response head is sent. */
  #early: Uint8Array[] | null = []
  #earlyBytes = 0
  #isDraining = false

  constructor(attempt: Attempt, options: SinkOptions) {
    this.#attempt = attempt
    this.#options = options
  }

  /** True while the client does not read what is queued for it. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Sends bytes; false to pause the upstream. */
  send(bytes: Uint8Array): boolean {
    if (bytes.byteLength === 0) return true
    if (this.#early !== null) {
      this.#early.push(bytes)
      this.#earlyBytes += bytes.byteLength
      return this.rowIsDurable ? this.open() : this.#earlyBytes < maxEarlyBytes
    }
    if (this.#attempt.response.write(bytes)) return true
    if (!this.#isDraining) {
      this.#isDraining = true
      this.#attempt.response.once('drain', () => {
        this.#isDraining = false
        this.#options.resume()
      })
    }
    return false
  }

  /** Sends the head together with the queued bytes, in one packet and one system call. Returns false to pause. */
  open(): boolean {
    const early = this.#early
    const { response } = this.#attempt
    if (early === null || response.destroyed) return true
    this.#early = null
    const headers = {
      ...forwardHeaders(this.#attempt, this.#options.headers),
      ...nameType(this.#options.headers, 'text/event-stream'),
      ...createResponseHeaders(this.#attempt),
      ...streamHeaders,
    }
    response.writeHead(200, this.#attempt.call.translator.translateHead(headers))
    if (early.length === 0) response.flushHeaders()
    let wantsMore = true
    for (const bytes of early) wantsMore = this.send(bytes)
    return wantsMore
  }

  /** Drops what is queued: the client has disconnected. */
  close(): void {
    this.#early = null
  }
}

/** The size of one socket read. A short stream is then complete before its head is sent, and needs one row and one write. */
export const maxEarlyBytes = 64 * 1024
