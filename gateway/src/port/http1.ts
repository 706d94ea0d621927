import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { parseAbsoluteTarget } from '@anthology/wire'

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
  /** Not listening yet; it serves only the connections passed to `serve`. */
  readonly server: Server
  serve(connection: Connection, socket: Socket): void
  /** From now on, each connection closes after its current response. */
  drain(): void
}

/**
 * HTTP/1.1 on Node's own parser and objects. Every limit has a name, and every
 * error has a body, even for a malformed request line. The exception is `CONNECT`:
 * Node closes it without a response, as this is no forward proxy.
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
      // Node throws if headersTimeout exceeds requestTimeout.
      headersTimeout: Math.min(limits.headersMs, limits.requestMs),
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      // Node's response to a missing host has no body; `#take` sends one.
      requireHostHeader: false,
    })
    // Above maxHeadersCount Node silently drops headers, or (since 24.21) reports a header overflow. So it is disabled:
    // Node limits the bytes, and `#findError` limits the count.
    this.server.maxHeadersCount = 0
    const [own] = this.server.listeners('connection')
    this.server.removeAllListeners('connection')
    // Node's own listener; `listeners` is not typed per event.
    this.#serveSocket = own as (socket: Socket) => void
    this.server.on('request', this.#take)
    // Node would answer an unknown expectation with 417 and no body; HTTP allows ignoring it.
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
    // The connection was just closed, or is being closed after an error in an earlier request.
    if (connection === undefined) return
    connection.exchanges += 1
    if (connection.exchanges > 1) {
      if (connection.exchanges > maxPipelinedRequests) return this.#rejectPipeline(socket, connection)
      connection.queue ??= notifyQueueOfClose(socket)
      // The previous response is not queued yet if its request was the only one.
      if (connection.queue.length === 0 && connection.latest !== null)
        connection.queue.push(connection.latest)
      connection.queue.push(response)
    }
    connection.latest = response
    response.once('close', () => {
      connection.exchanges -= 1
      const at = connection.queue?.indexOf(response) ?? -1
      if (at >= 0) connection.queue?.splice(at, 1)
    })
    if (this.#draining) response.setHeader('connection', 'close')
    const apiError = this.#findError(request)
    if (apiError === null) return this.#handler(splitTarget(request), response)
    this.#connections.countError(apiError)
    response.setHeader('connection', 'close')
    sendApiError(response, createRequestId(), apiError)
    lingerAfter(request, this.#limits.lingerMs, () => this.#connections.countLimit('lingerMs'))
  }

  #findError(request: IncomingMessage): ApiError | null {
    // Check this first, because the `headers` getter parses them all.
    if (request.rawHeaders.length > 2 * maxHeaderFields) {
      this.#connections.countLimit('headerBytes')
      return new ApiError('headers_too_large', `a request may have ${maxHeaderFields} headers at most`)
    }
    const hasHost = request.headers.host !== undefined || request.httpVersion !== '1.1'
    return hasHost ? null : new ApiError('bad_request', 'host: header is required')
  }

  /** Responses follow request order, so the error answers the oldest pending request; the rest get no response. */
  #rejectPipeline(socket: Socket, connection: Connection): void {
    this.#bySocket.delete(socket)
    const message = `at most ${maxPipelinedRequests} requests may be pipelined on a connection; read the responses first`
    const apiError = new ApiError('bad_request', message)
    this.#connections.countError(apiError)
    socket.pause()
    sendErrorOnSocket(socket, isMidAnswer(connection), apiError, pipelineLingerMs)
  }

  #silent = (socket: Socket): void => {
    const response = this.#bySocket.get(socket)?.latest ?? null
    const underWay = response !== null && !response.writableFinished
    // An idle socket is fine while the client waits for us, and a timeout while we wait for the client.
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
    // Ignore further errors after the first.
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

/** A response has been sent in part, so an error response after it could not be parsed. */
function isMidAnswer({ latest, queue }: Connection): boolean {
  if (latest !== null && latest.headersSent && !latest.writableFinished) return true
  for (const earlier of queue ?? []) if (earlier.headersSent && !earlier.writableEnded) return true
  return false
}

/** Max pending requests on one connection. */
const maxPipelinedRequests = 32

/** Shorter than for other errors, because the requests already received stay in memory until the connection closes. */
const pipelineLingerMs = 100

/** Node emits no `close` on queued responses when their connection closes, so we do. */
function notifyQueueOfClose(socket: Socket): ServerResponse[] {
  const queue: ServerResponse[] = []
  socket.once('close', () => {
    for (const response of queue.splice(0)) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit('close')
    }
  })
  return queue
}

/** The host of a target in absolute form replaces the header: nothing behind the port sees the form of the target. */
function splitTarget(request: IncomingMessage): IncomingMessage {
  const target = parseAbsoluteTarget(request.url ?? '', 'encrypted' in request.socket)
  if (target === null) return request
  request.url = target.path
  request.headers.host = target.authority
  return request
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
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return new ApiError('bad_request', 'transfer-encoding: must be chunked, without content-length')
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return new ApiError(
        'bad_request',
        'content-length: must be one number, sent once, without transfer-encoding',
      )
    default:
      return new ApiError('bad_request', `this is not a valid HTTP/1.1 request (${code})`)
  }
}
