import { constants, performServerHandshake } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

import { ApiError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { sendApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'
import { createRateCounter, maxHeaderFields } from './connections.ts'
import type { Connection, Connections } from './connections.ts'
import type { Handler } from '../http/client-exchange.ts'
import { StreamRequest } from './stream-request.ts'
import { StreamResponse } from './stream-response.ts'

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
      maxHeaderListPairs: 2 * maxHeaderFields,
      maxSessionMemory,
      settings: {
        maxHeaderListSize: 2 * limits.headerBytes,
        maxConcurrentStreams: limits.concurrentStreams,
        initialWindowSize: streamWindowBytes,
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
    session.setLocalWindowSize(streamWindowBytes)
    // The connection is closed by then, and its streams have been told.
    session.on('error', () => {})
    const controls = createRateCounter(maxControlFrames, floodWindowMs)
    const control = (): void => {
      if (controls.exceeds()) this.#end(connection, session)
    }
    session.on('ping', control).on('remoteSettings', control)
    const resets = createRateCounter(this.#limits.streamResets, floodWindowMs)
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
        if (takenBack && resets.exceeds()) this.#end(connection, session)
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
    const { headerBytes } = this.#limits
    if (rawHeaders.length > 2 * maxHeaderFields) {
      this.#connections.countLimit('headerBytes')
      return new ApiError('headers_too_large', `a request may have ${maxHeaderFields} headers at most`)
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

  /** Closes a connection that floods us; all floods count as `streamResets`. */
  #end(connection: Connection, session: ServerHttp2Session): void {
    if (session.destroyed) return
    this.#connections.countLimit('streamResets')
    session.destroy(new Error('too many frames'), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    closeAfter(connection)
  }
}

/** Memory for the headers and queued frames of a connection, in millions of bytes; new streams beyond it are reset. */
const maxSessionMemory = 10

/** Bytes of a request body that a client may send before we read them; Node reads up to 128 KiB ahead of that. */
const streamWindowBytes = 1024 * 1024

/** The span in which resets and control frames are counted. */
const floodWindowMs = 10_000

/** PING and SETTINGS frames of a connection in this span. */
const maxControlFrames = 1_000

const lingerMs = 1_000

/** The peer has a moment to take the GOAWAY. */
function closeAfter({ socket }: Connection): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
