import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

import type { ClientRequest } from '../http/client-exchange.ts'
import { endStream } from './stream-response.ts'

/**
 * An HTTP/2 request that behaves like Node's HTTP/1.1 request: `host` is set, and
 * an incomplete body emits an error instead of `end`. The pseudo-headers are kept,
 * because a signature may cover `:authority`.
 */
export class StreamRequest extends Readable implements ClientRequest {
  readonly headers: IncomingHttpHeaders
  readonly method: string
  readonly url: string
  readonly httpVersion = '2.0'
  readonly rawHeaders: readonly string[]
  complete = false
  #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    super()
    this.#stream = stream
    this.headers = headers
    this.rawHeaders = rawHeaders
    const authority = headers[':authority']
    if (headers.host === undefined && authority !== undefined) headers.host = authority
    this.method = headers[':method'] ?? ''
    this.url = headers[':path'] ?? ''
    stream.once('end', this.#end).once('close', this.#close)
    if (stream.endAfterHeaders) stream.resume()
    else stream.on('data', this.#data)
  }

  /** The connection's socket, shared with other streams; Node throws on methods that would end or redirect it. */
  get socket(): Socket {
    const { session } = this.#stream
    if (session === undefined) throw new Error('the connection of this request has closed')
    return session.socket
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Aborted before its end: the client need not send the rest.
    if (!this.complete) endStream(this.#stream, 0)
    // As in HTTP/1.1, an error without a listener is ignored.
    callback(this.listenerCount('error') === 0 ? null : error)
  }

  #data = (bytes: Buffer): void => {
    if (!this.push(bytes)) this.#stream.pause()
  }

  #end = (): void => {
    // Node also emits `end` for a stream that was reset.
    if (this.#stream.aborted || this.#stream.rstCode !== 0) return
    this.complete = true
    this.push(null)
  }

  #close = (): void => {
    if (!this.complete) this.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  }
}
