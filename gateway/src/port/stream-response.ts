import type { OutgoingHttpHeaders } from 'node:http'
import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'

import type { ClientResponse, ResponseEvent } from '../http/client-exchange.ts'

export interface StreamResponseOptions {
  /** Max time without the client reading anything of pending data. */
  readonly idleMs: number
  readonly onStalled: () => void
}

/** An HTTP/2 response with the methods of Node's HTTP/1.1 response. */
export class StreamResponse implements ClientResponse {
  headersSent = false
  /** The stream was aborted by us, not by its client. */
  broken = false
  #stream: ServerHttp2Stream
  #options: StreamResponseOptions
  #headers: OutgoingHttpHeaders = {}
  /** HEAD, 204 and 304: written bytes are dropped. */
  #bodyless = false
  #released = false
  /** Pieces of a body that is too large for one write. */
  #pieces: Uint8Array[] = []
  #ending = false
  #writtenBytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(stream: ServerHttp2Stream, options: StreamResponseOptions) {
    this.#stream = stream
    this.#options = options
    stream.on('drain', this.#rest).once('finish', this.#rest).once('close', this.#rest)
  }

  get destroyed(): boolean {
    return this.#released || this.#stream.destroyed || this.#stream.closed
  }

  get writableFinished(): boolean {
    // Node itself ends a stream that the client resets, so check that we ended it too.
    return this.#ending && this.#stream.writableFinished && this.#pieces.length === 0
  }

  setHeader(name: string, value: string | number): void {
    if (!connectionHeaders.has(name.toLowerCase())) this.#headers[name.toLowerCase()] = value
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    for (const name in headers) {
      const value = headers[name]
      if (value !== undefined && !connectionHeaders.has(name.toLowerCase())) {
        this.#headers[name.toLowerCase()] = value
      }
    }
    if (this.headersSent) throw new Error('the head of this answer was already sent')
    this.headersSent = true
    if (this.destroyed) return
    this.#stream.respond({ ...this.#headers, ':status': status })
    this.#bodyless = this.#stream.writableEnded
  }

  /** `writeHead` already sends the head; without it the status is 200, as in HTTP/1.1. */
  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(200)
  }

  write(bytes: Uint8Array): boolean {
    this.flushHeaders()
    if (this.#bodyless) return true
    if (this.destroyed) return false
    const flows = this.#write(bytes)
    if (!flows && this.#timer === null) this.#watch()
    return flows
  }

  end(bytes?: Uint8Array): void {
    this.flushHeaders()
    if (this.destroyed) return
    if (bytes !== undefined && !this.#bodyless) this.#write(bytes)
    this.#ending = true
    if (this.#pieces.length === 0) this.#stream.end()
    if (!this.#stream.writableFinished && this.#timer === null) this.#watch()
  }

  /** Resets the stream with an error; the connection and its other streams continue. */
  destroy(): void {
    if (!this.destroyed) this.#break(constants.NGHTTP2_INTERNAL_ERROR)
  }

  /** The port has sent its own response; for all other code this one counts as destroyed. */
  release(): void {
    this.#released = true
  }

  on(event: ResponseEvent, listener: () => void): void {
    this.#stream.on(event, listener)
  }

  once(event: ResponseEvent, listener: () => void): void {
    this.#stream.once(event, listener)
  }

  off(event: ResponseEvent, listener: () => void): void {
    this.#stream.off(event, listener)
  }

  /** Writes a large body in pieces, since only this shows how much the client has read. */
  #write(bytes: Uint8Array): boolean {
    if (bytes.byteLength <= pieceBytes && this.#pieces.length === 0) {
      this.#writtenBytes += bytes.byteLength
      return this.#stream.write(bytes)
    }
    const idle = this.#pieces.length === 0
    for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
      this.#pieces.push(bytes.subarray(start, start + pieceBytes))
    }
    if (idle) this.#writePiece()
    return false
  }

  #writePiece = (): void => {
    const [piece] = this.#pieces
    if (piece === undefined || this.#stream.destroyed) return
    this.#writtenBytes += piece.byteLength
    this.#stream.write(piece, () => {
      this.#pieces.shift()
      if (this.#pieces.length > 0) this.#writePiece()
      else if (this.#ending) this.#stream.end()
    })
  }

  /** Checks for progress ourselves, since any traffic on the connection resets Node's stream timeout. */
  #watch(): void {
    const takenBytes = this.#writtenBytes - this.#stream.writableLength
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#stream.destroyed || this.writableFinished) return
      if (this.#writtenBytes - this.#stream.writableLength > takenBytes) return this.#watch()
      this.#options.onStalled()
      this.#break(constants.NGHTTP2_CANCEL)
    }, this.#options.idleMs)
    this.#timer.unref()
  }

  #break(code: number): void {
    this.broken = true
    this.#pieces = []
    endStream(this.#stream, code)
  }

  /** No data is pending: stops the timer. */
  #rest = (): void => {
    if (this.#timer === null || this.#pieces.length > 0) return
    clearTimeout(this.#timer)
    this.#timer = null
  }
}

const pieceBytes = 64 * 1024

/** Connection-specific headers, which HTTP/2 forbids (RFC 9113, 8.2.2). */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** The time that an aborted stream may take to close. */
const closeMs = 1_000

/**
 * Resets a stream. If the peer disconnected during a write, Node may never emit
 * `close`, and the stream would count as open forever; so it is destroyed after
 * a while, without a frame to the peer.
 */
export function endStream(stream: ServerHttp2Stream, code: number): void {
  stream.close(code)
  if (stream.destroyed) return
  const timer = setTimeout(() => stream.destroy(), closeMs)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
}
