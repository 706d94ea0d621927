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
  /** Sends GOAWAY on every connection; open streams continue. */
  drain(): void
}

/**
 * HTTP/2 on already accepted connections. nghttp2 itself rejects more streams
 * than announced, more than eight CONTINUATION frames in a row, and more than a
 * thousand queued PING or SETTINGS replies; all other limits are enforced here.
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
      // Above its header limits nghttp2 resets a stream without a response; up to twice ours, we send an error.
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
    // After the client's FIN no request can follow; half-open connections are useful in HTTP/1.1 only.
    socket.allowHalfOpen = false
    const session = performServerHandshake(socket, this.#options)
    connection.session = session
    session.setLocalWindowSize(streamWindowBytes)
    // At this point the connection is closed and its streams have emitted `close`.
    session.on('error', () => {})
    const controls = createRateCounter(maxControlFrames, floodWindowMs)
    const control = (): void => {
      if (controls.exceeds()) this.#end(connection, session)
    }
    session.on('ping', control).on('remoteSettings', control)
    const resets = createRateCounter(this.#limits.streamResets, floodWindowMs)
    const rest = this.#closeWhenIdle(connection, session)
    session.on('stream', (stream, headers, _flags, rawHeaders) => {
      // The request and the response handle a broken stream when it emits `close`.
      stream.on('error', () => {})
      connection.exchanges += 1
      if (connection.exchanges >= this.#limits.concurrentStreams)
        this.#connections.countLimit('concurrentStreams')
      rest.stop()
      const response = this.#createResponse(stream)
      stream.once('close', () => {
        connection.exchanges -= 1
        if (connection.exchanges === 0) rest.start()
        const wasReset = stream.aborted && !response.broken && !session.destroyed
        if (wasReset && resets.exceeds()) this.#end(connection, session)
      })
      // Skip a stream that was reset immediately.
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
    const request = new StreamRequest(stream, headers, rawHeaders)
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

  /** Sends an error if the body is not complete in time, as the HTTP/1.1 server does. */
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

  /** Closes a connection without open streams after `keepAliveMs`, even if it still sends other frames. */
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

  /** Closes a flooding connection; every kind of flood counts as `streamResets`. */
  #end(connection: Connection, session: ServerHttp2Session): void {
    if (session.destroyed) return
    this.#connections.countLimit('streamResets')
    session.destroy(new Error('too many frames'), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    closeAfter(connection)
  }
}

/** Max memory for a connection's headers and queued frames, in MB; above it new streams are reset. */
const maxSessionMemory = 10

/** Unread bytes of a request body that a client may send; Node reads up to another 128 KiB ahead. */
const streamWindowBytes = 1024 * 1024

/** The window in which resets and control frames are counted. */
const floodWindowMs = 10_000

/** Max PING and SETTINGS frames of a connection per window. */
const maxControlFrames = 1_000

const lingerMs = 1_000

/** Gives the peer time to read the GOAWAY. */
function closeAfter({ socket }: Connection): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
