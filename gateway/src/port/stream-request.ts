import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

import type { ClientRequest } from '../http/client-exchange.ts'
import { endStream } from './stream-response.ts'

/**
 * A request of HTTP/2 that behaves as Node's request of HTTP/1.1 does: `host` is
 * there, and a body that breaks off is an error, not an end. The pseudo-headers
 * stay, because a signature may cover `:authority`.
 */
export class StreamRequest extends Readable implements ClientRequest {
  readonly headers: IncomingHttpHeaders
  readonly method: string
  readonly url: string
  readonly httpVersion = '2.0'
  complete = false
  #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    super()
    this.#stream = stream
    this.headers = headers
    const authority = headers[':authority']
    if (headers.host === undefined && authority !== undefined) headers.host = authority
    this.method = headers[':method'] ?? ''
    this.url = headers[':path'] ?? ''
    stream.once('end', this.#end).once('close', this.#close)
    if (stream.endAfterHeaders) stream.resume()
    else stream.on('data', this.#data)
  }

  /** The connection's; whatever would end or move it is refused by Node, for it carries other streams as well. */
  get socket(): Socket {
    const { session } = this.#stream
    if (session === undefined) throw new Error('the connection of this request has closed')
    return session.socket
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Given up before its end: the client need not send the rest.
    if (!this.complete) endStream(this.#stream, 0)
    // As of HTTP/1.1, an error that nobody listens for is none.
    callback(this.listenerCount('error') === 0 ? null : error)
  }

  #data = (bytes: Buffer): void => {
    if (!this.push(bytes)) this.#stream.pause()
  }

  #end = (): void => {
    // Node ends the body of a stream that was reset, too.
    if (this.#stream.aborted || this.#stream.rstCode !== 0) return
    this.complete = true
    this.push(null)
  }

  #close = (): void => {
    if (!this.complete) this.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  }
}
