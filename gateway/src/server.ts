import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'

import { type ErrorCode, Refusal, errors } from './errors.ts'
import type { Limits } from './limits.ts'
import { encodeRefusal, sendRefusal } from './reply.ts'
import { createRequestId } from './request-id.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface HttpServer {
  readonly server: Server
  readonly connections: () => number
  /** Closes the connections on which no request is under way, those that never said a word among them. */
  readonly closeUnused: () => void
}

/** What hears of the refusals that never became requests, and of the limits that closed connections. */
export type PortCounts = Pick<Telemetry, 'refused' | 'reached'>

/** An HTTP/1.1 server whose limits have names and whose every refusal, even of a broken request line, is an envelope. */
export function createHttpServer(limits: Limits, handler: Handler, counts: PortCounts): HttpServer {
  const connections = new Set<Socket>()
  const running = new WeakMap<Socket, ServerResponse>()
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    // Node would answer a missing host without an envelope; the handler below does it with one.
    requireHostHeader: false,
  })
  const take: Handler = (request, response) => {
    running.set(request.socket, response)
    if (request.headers.host === undefined && request.httpVersion === '1.1')
      refuseWithoutHost(response, counts)
    else handler(request, response)
  }
  server.on('request', take)
  // Node would answer 417 with no body to an expectation that it does not know; a server may also ignore it.
  server.on('checkExpectation', take)
  server.on('connection', (socket) => {
    connections.add(socket)
    closeIfSilent(socket, limits.headersMs, counts)
    socket.once('close', () => connections.delete(socket))
  })
  server.setTimeout(limits.clientIdleMs, (socket: Socket) => {
    const response = running.get(socket)
    // A silent socket is right while its client waits for us, wrong while we wait for the client.
    const ours = isUnanswered(response) && socket.writableLength === 0
    if (ours) {
      socket.setTimeout(limits.clientIdleMs)
      return
    }
    counts.reached(isUnanswered(response) ? 'clientIdleMs' : 'keepAliveMs')
    socket.destroy()
  })
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    const refusal = refuseOnSocket(socket, running.get(socket), error.code ?? '')
    if (refusal !== null) counts.refused(refusal.code, refusal.limit)
  })
  return {
    server,
    connections: () => connections.size,
    closeUnused() {
      server.closeIdleConnections()
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

/** Node counts its header timeout from a request's first byte; a connection that never sends one would stay for ever. */
function closeIfSilent(socket: Socket, silentMs: number, counts: PortCounts): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead > 0) return
    counts.reached('headersMs')
    socket.destroy()
  }, silentMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function refuseWithoutHost(response: ServerResponse, counts: PortCounts): void {
  counts.refused('bad_request', null)
  response.setHeader('connection', 'close')
  sendRefusal(response, createRequestId(), new Refusal('bad_request', 'host: header is required'))
}

/** The request on this connection still waits for the end of its answer. */
function isUnanswered(response: ServerResponse | undefined): boolean {
  return response !== undefined && !response.writableFinished
}

/** Answers what never became a request, or stopped being one in its middle; null where nothing could be said. */
function refuseOnSocket(socket: Socket, response: ServerResponse | undefined, code: string): Refusal | null {
  // Bytes of another answer are already on this connection: nothing readable can follow them.
  const midAnswer = isUnanswered(response) && response?.headersSent === true
  if (!socket.writable || midAnswer || code === 'ECONNRESET') {
    socket.destroy()
    return null
  }
  const refusal = classifyClientError(code, isUnanswered(response))
  const { kind, message } = refusal
  const id = createRequestId()
  const body = encodeRefusal(kind, message, id)
  const head = [
    `HTTP/1.1 ${kind.status} ${kind.status === 431 ? 'Request Header Fields Too Large' : 'Refused'}`,
    'content-type: application/json',
    `request-id: ${id}`,
    'x-should-retry: false',
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  // What still comes is not read; the peer has this long to take the answer.
  setTimeout(() => socket.destroy(), 1_000).unref()
  return refusal
}

/** `inBody`: its headers had come. */
function classifyClientError(code: string, inBody: boolean): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return limited('headers_too_large', 'the request headers are too large', 'headerBytes')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return limited(
        'request_timeout',
        'the request did not arrive in time',
        inBody ? 'requestMs' : 'headersMs',
      )
    case 'HPE_INVALID_EOF_STATE':
      return new Refusal('body_aborted', 'the connection ended before the body was complete')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Refusal('body_too_large', 'the chunk extensions are too large')
    default:
      return new Refusal('bad_request', `this is not a valid HTTP/1.1 request (${code})`)
  }
}

function limited(code: ErrorCode, message: string, limit: keyof Limits): Refusal {
  return new Refusal(code, message, errors[code], limit)
}
