import {
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  constants,
  performServerHandshake,
} from 'node:http2'
import type { Socket } from 'node:net'

import { ApiError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { sendApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'
import type { Connection, Connections, PortLimit } from './connections.ts'
import type { Handler } from './port.ts'
import { StreamRequest } from './stream-request.ts'
import { StreamResponse } from './stream-response.ts'
import { createRateCounter } from './tally.ts'

export interface Http2 {
  serve(connection: Connection, socket: Socket): void
  /** Tells every client that no new stream is taken; those that are open go on. */
  drain(): void
}

/**
 * HTTP/2 on connections that somebody else accepted. nghttp2 itself refuses
 * more streams than announced, more than eight CONTINUATION frames in a row,
 * and a thousand answers to PING or SETTINGS that wait to be taken; what it
 * leaves open is limited here.
 */
export function createHttp2(limits: Limits, connections: Connections, handler: Handler): Http2 {
  return new Http2Server(limits, connections, handler)
}

class Http2Server implements Http2 {
  #limits: Limits
  #connections: Connections
  #handler: Handler
  #options

  constructor(limits: Limits, connections: Connections, handler: Handler) {
    this.#limits = limits
    this.#connections = connections
    this.#handler = handler
    this.#options = {
      // nghttp2 resets a stream whose headers are beyond its limits without a word; with twice ours there, we can say why.
      maxHeaderListPairs: 2 * limits.headerPairs,
      // Node counts in millions of bytes.
      maxSessionMemory: Math.ceil(limits.connectionStateBytes / 1_000_000),
      settings: {
        maxHeaderListSize: 2 * limits.headerBytes,
        maxConcurrentStreams: limits.concurrentStreams,
        initialWindowSize: limits.streamWindowBytes,
        enablePush: false,
      },
    }
  }

  serve(connection: Connection, socket: Socket): void {
    connection.kind = 'http2'
    // A client that sends no more could ask for nothing; HTTP/1.1 is where half-open connections have a use.
    socket.allowHalfOpen = false
    const session = performServerHandshake(socket, this.#options)
    connection.session = session
    session.setLocalWindowSize(this.#limits.streamWindowBytes)
    // The connection is closed by then, and its streams have been told.
    session.on('error', () => {})
    const { streamResets, controlFrames, floodWindowMs } = this.#limits
    const controls = createRateCounter(controlFrames, floodWindowMs)
    const control = (): void => {
      if (controls.exceeds()) this.#end(connection, session, 'controlFrames')
    }
    session.on('ping', control).on('remoteSettings', control)
    const resets = createRateCounter(streamResets, floodWindowMs)
    const rest = this.#closeWhenIdle(connection, session)
    session.on('stream', (stream, headers, _flags, rawHeaders) => {
      // A broken stream is its request's and its answer's to notice, by its close.
      stream.on('error', () => {})
      connection.exchanges += 1
      if (connection.exchanges >= this.#limits.concurrentStreams)
        this.#connections.countLimit('concurrentStreams')
      rest.stop()
      const response = this.#createResponse(stream)
      stream.once('close', () => {
        connection.exchanges -= 1
        if (connection.exchanges === 0) rest.start()
        const takenBack = stream.aborted && !response.broken && !session.destroyed
        if (takenBack && resets.exceeds()) this.#end(connection, session, 'streamResets')
      })
      // Taken back in the same breath: nobody needs to hear of it.
      if (!response.destroyed) this.#take(stream, response, headers, rawHeaders)
    })
  }

  drain(): void {
    for (const { session } of this.#connections) if (session?.destroyed === false) session.close()
  }

  #createResponse(stream: ServerHttp2Stream): StreamResponse {
    return new StreamResponse(stream, {
      idleMs: this.#limits.clientIdleMs,
      onStalled: () => this.#connections.countLimit('clientIdleMs'),
    })
  }

  #take(
    stream: ServerHttp2Stream,
    response: StreamResponse,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    const request = new StreamRequest(stream, headers)
    const apiError = this.#findError(rawHeaders)
    if (apiError !== null) {
      this.#connections.countError(apiError)
      sendApiError(response, createRequestId(), apiError)
      request.destroy()
      return
    }
    if (headers.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 })
    if (!stream.endAfterHeaders) this.#limitBodyTime(request, response)
    this.#handler(request, response)
  }

  #findError(rawHeaders: readonly string[]): ApiError | null {
    const { headerPairs, headerBytes } = this.#limits
    if (rawHeaders.length > 2 * headerPairs) {
      this.#connections.countLimit('headerPairs')
      return new ApiError('headers_too_large', `a request may have ${headerPairs} headers at most`)
    }
    let bytes = 0
    for (const part of rawHeaders) bytes += part.length
    if (bytes <= headerBytes) return null
    this.#connections.countLimit('headerBytes')
    return new ApiError('headers_too_large', 'the request headers are too large')
  }

  /** Answers a body that does not come to its end in time, as HTTP/1.1's server does. */
  #limitBodyTime(request: StreamRequest, response: StreamResponse): void {
    const timer = setTimeout(() => {
      this.#connections.countLimit('requestMs')
      if (response.headersSent) response.destroy()
      else {
        const apiError = new ApiError('request_timeout', 'the request did not arrive in time')
        this.#connections.countError(apiError)
        sendApiError(response, createRequestId(), apiError)
        response.release()
      }
      request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    }, this.#limits.requestMs)
    timer.unref()
    const stop = (): void => clearTimeout(timer)
    request.once('end', stop).once('close', stop)
  }

  /** A connection without a stream is closed after a while, whatever else is said on it. */
  #closeWhenIdle(connection: Connection, session: ServerHttp2Session): { start(): void; stop(): void } {
    let timer: NodeJS.Timeout | undefined
    const stop = (): void => clearTimeout(timer)
    const start = (): void => {
      stop()
      if (session.destroyed) return
      timer = setTimeout(() => {
        this.#connections.countLimit('keepAliveMs')
        session.close()
        closeAfter(connection)
      }, this.#limits.keepAliveMs)
      timer.unref()
    }
    start()
    session.once('close', stop)
    return { start, stop }
  }

  #end(connection: Connection, session: ServerHttp2Session, limit: PortLimit): void {
    if (session.destroyed) return
    this.#connections.countLimit(limit)
    session.destroy(new Error(`too many for ${limit}`), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    closeAfter(connection)
  }
}

const lingerMs = 1_000

/** The peer has a moment to take the GOAWAY. */
function closeAfter({ socket }: Connection): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
