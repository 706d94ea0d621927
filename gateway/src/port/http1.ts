import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { ApiError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { sendApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'
import { maxHeaderFields } from './connections.ts'
import type { Connection, Connections, PortLimit } from './connections.ts'
import type { Handler } from '../http/client-exchange.ts'
import { lingerAfter } from './linger.ts'
import { sendErrorOnSocket } from './socket-error.ts'
import { createStallTimeout } from './stall-timeout.ts'

export interface Http1 {
  /** Not yet listening; its own connections are whatever `serve` is given. */
  readonly server: Server
  serve(connection: Connection, socket: Socket): void
  /** From now on an answer is the last one of its connection. */
  drain(): void
}

/**
 * HTTP/1.1 in Node's own objects, with limits that have names, and with an
 * envelope for every refusal, even of a broken request line. `CONNECT` alone is
 * closed without a word, by Node: we are no proxy.
 */
export function createHttp1(limits: Limits, connections: Connections, handler: Handler): Http1 {
  return new Http1Server(limits, connections, handler)
}

class Http1Server implements Http1 {
  readonly server: Server
  #limits: Limits
  #connections: Connections
  #handler: Handler
  #bySocket = new WeakMap<Socket, Connection>()
  #serveSocket: (socket: Socket) => void
  #draining = false

  constructor(limits: Limits, connections: Connections, handler: Handler) {
    this.#limits = limits
    this.#connections = connections
    this.#handler = handler
    this.server = createServer({
      maxHeaderSize: limits.headerBytes,
      // Node does not take a longer time for a part than for the whole.
      headersTimeout: Math.min(limits.headersMs, limits.requestMs),
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      // Node would answer a missing host without an envelope; `#take` does it with one.
      requireHostHeader: false,
    })
    // Beyond a count of its own Node leaves headers out without a word, or (from 24.21 on) takes them for too many
    // bytes; the bytes alone bound them here, and `#refuse` counts them.
    this.server.maxHeadersCount = 0
    const [own] = this.server.listeners('connection')
    this.server.removeAllListeners('connection')
    // Node's own listener; its type in `listeners` is that of no event in particular.
    this.#serveSocket = own as (socket: Socket) => void
    this.server.on('request', this.#take)
    // Node would answer 417 with no body to an expectation that it does not know; a server may also ignore it.
    this.server.on('checkExpectation', this.#take)
    this.server.setTimeout(limits.clientIdleMs, this.#silent)
    this.server.on('clientError', this.#broken)
    this.server.on('listening', this.#watch)
  }

  serve(connection: Connection, socket: Socket): void {
    connection.kind = 'http1'
    connection.carrier = socket
    this.#bySocket.set(socket, connection)
    this.#serveSocket.call(this.server, socket)
  }

  drain(): void {
    this.#draining = true
    for (const { latest } of this.#connections) {
      if (latest !== null && !latest.headersSent) latest.setHeader('connection', 'close')
    }
  }

  #watch = (): void => {
    const sweep = createStallTimeout(this.#limits, this.#connections)
    const { clientIdleMs, keepAliveMs } = this.#limits
    const timer = setInterval(() => sweep(performance.now()), Math.min(clientIdleMs, keepAliveMs) / 4)
    timer.unref()
    this.server.once('close', () => clearInterval(timer))
  }

  #take = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    const connection = this.#bySocket.get(socket)
    // Its connection has just been refused for an earlier request, or closed.
    if (connection === undefined) return
    connection.exchanges += 1
    if (connection.exchanges > 1) {
      if (connection.exchanges > maxPipelinedRequests) return this.#rejectPipeline(socket, connection)
      connection.queue ??= notifyQueueOfClose(socket)
      // The one before may have come alone, and is not in the queue then.
      if (connection.latest !== null) connection.queue.add(connection.latest)
      connection.queue.add(response)
    }
    connection.latest = response
    response.once('close', () => {
      connection.exchanges -= 1
      connection.queue?.delete(response)
    })
    if (this.#draining) response.setHeader('connection', 'close')
    const apiError = this.#findError(request)
    if (apiError === null) return this.#handler(request, response)
    this.#connections.countError(apiError)
    response.setHeader('connection', 'close')
    sendApiError(response, createRequestId(), apiError)
    lingerAfter(request, this.#limits.lingerMs, () => this.#connections.countLimit('lingerMs'))
  }

  #findError(request: IncomingMessage): ApiError | null {
    // Before anything else, for `headers` reads them all.
    if (request.rawHeaders.length > 2 * maxHeaderFields) {
      this.#connections.countLimit('headerBytes')
      return new ApiError('headers_too_large', `a request may have ${maxHeaderFields} headers at most`)
    }
    const hasHost = request.headers.host !== undefined || request.httpVersion !== '1.1'
    return hasHost ? null : new ApiError('bad_request', 'host: header is required')
  }

  /** Answers come in the order of their requests, so what is refused is the oldest one without an answer, and all behind it. */
  #rejectPipeline(socket: Socket, connection: Connection): void {
    this.#bySocket.delete(socket)
    const message = `no more than ${maxPipelinedRequests} requests may wait for their answers on a connection`
    const apiError = new ApiError('bad_request', message)
    this.#connections.countError(apiError)
    socket.pause()
    sendErrorOnSocket(socket, isMidAnswer(connection), apiError, pipelineLingerMs)
  }

  #silent = (socket: Socket): void => {
    const response = this.#bySocket.get(socket)?.latest ?? null
    const underWay = response !== null && !response.writableFinished
    // A silent socket is right while its client waits for us, wrong while we wait for the client.
    if (underWay && socket.writableLength === 0) {
      socket.setTimeout(this.#limits.clientIdleMs)
      return
    }
    this.#connections.countLimit(underWay ? 'clientIdleMs' : 'keepAliveMs')
    socket.destroy()
  }

  #broken = (error: Error & { code?: string }, socket: Socket): void => {
    const code = error.code ?? ''
    const connection = this.#bySocket.get(socket)
    // What still comes behind the first mistake is not looked at.
    if (connection === undefined) return
    this.#bySocket.delete(socket)
    const { latest } = connection
    const headersCame = latest !== null && !latest.writableFinished
    const limit = findLimit(code, headersCame)
    if (limit !== null) this.#connections.countLimit(limit)
    if (code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const apiError = describeBroken(code)
    if (sendErrorOnSocket(socket, isMidAnswer(connection), apiError)) this.#connections.countError(apiError)
  }
}

/** Bytes of an answer are on the connection, and more of it is to come: nothing readable can follow them. */
function isMidAnswer({ latest, queue }: Connection): boolean {
  if (latest !== null && latest.headersSent && !latest.writableFinished) return true
  for (const earlier of queue ?? []) if (earlier.headersSent && !earlier.writableEnded) return true
  return false
}

/** Requests that wait for their responses on one connection. */
const maxPipelinedRequests = 32

/** A flood is not given the time that others have to take the reason: what it already sent stays in memory until it is gone. */
const pipelineLingerMs = 100

/** Of the answers that wait for their turn, Node tells none that its connection has gone. */
function notifyQueueOfClose(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>()
  socket.once('close', () => {
    for (const response of queue) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit('close')
    }
  })
  return queue
}

function findLimit(code: string, headersCame: boolean): PortLimit | null {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headerBytes'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return headersCame ? 'requestMs' : 'headersMs'
  return null
}

function describeBroken(code: string): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('headers_too_large', 'the request headers are too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('request_timeout', 'the request did not arrive in time')
    case 'HPE_INVALID_EOF_STATE':
      return new ApiError('body_aborted', 'the connection ended before the body was complete')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiError('body_too_large', 'the chunk extensions are too large')
    default:
      return new ApiError('bad_request', `this is not a valid HTTP/1.1 request (${code})`)
  }
}
