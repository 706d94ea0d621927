import { streamHeaders } from '@anthology/wire'

import { nameType } from '../http/headers.ts'
import type { Attempt, SinkOptions } from './attempt.ts'
import { createResponseHeaders, forwardHeaders } from './response-headers.ts'

/** Sends a stream to the client: the head with the first bytes, then bytes with backpressure. */
export class StreamOutput {
  readonly #attempt: Attempt
  readonly #options: SinkOptions
  #isOpen = false
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
    this.open()
    const { response } = this.#attempt
    if (response.destroyed || response.write(bytes)) return true
    if (!this.#isDraining) {
      this.#isDraining = true
      response.once('drain', () => {
        this.#isDraining = false
        this.#options.resume()
      })
    }
    return false
  }

  /** Sends the head, in one packet with the bytes that follow in this turn. */
  open(): void {
    const { response } = this.#attempt
    if (this.#isOpen || response.destroyed) return
    this.#isOpen = true
    const headers = {
      ...forwardHeaders(this.#attempt, this.#options.headers),
      ...nameType(this.#options.headers, 'text/event-stream'),
      ...createResponseHeaders(this.#attempt),
      ...streamHeaders,
    }
    response.writeHead(200, this.#attempt.call.translator.translateHead(headers))
  }
}
