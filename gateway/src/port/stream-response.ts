import type { OutgoingHttpHeaders } from 'node:http'
import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'

import type { ClientResponse, ResponseEvent } from '../http/client-exchange.ts'

export interface StreamResponseOptions {
  /** The time a client may leave waiting bytes unread. */
  readonly idleMs: number
  readonly onStalled: () => void
}

/** A response on an HTTP/2 stream, with the methods of Node's HTTP/1.1 response. */
export class StreamResponse implements ClientResponse {
  headersSent = false
  /** The stream was aborted by us, not by its client. */
  broken = false
  #stream: ServerHttp2Stream
  #options: StreamResponseOptions
  #headers: OutgoingHttpHeaders = {}
  /** True for HEAD, 204 and 304, whose response has no body. */
  #bodyless = false
  #released = false
  /** The unwritten pieces of a large body. */
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
    // Without `#ending` this would be true for a stream that its client reset, because Node ends those.
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

  /** Sends the head unless `writeHead` has; its status is then 200, as in HTTP/1.1. */
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

  /** Resets the stream with an error; the connection and its other streams stay open. */
  destroy(): void {
    if (!this.destroyed) this.#break(constants.NGHTTP2_INTERNAL_ERROR)
  }

  /** Marks the response as destroyed for the handler, because the port has already responded itself. */
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

  /** Writes a large body piece by piece, which is the only way to see how much the client has read. */
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

  /** Node restarts a stream's timeout on any activity of its connection, so this timer watches the stream alone. */
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

  /** Stops the timer once the client has read everything. */
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
