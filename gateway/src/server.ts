import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'

import { Refusal } from './errors.ts'
import type { Limits } from './limits.ts'
import { encodeRefusal, sendRefusal } from './reply.ts'
import { createRequestId } from './request-id.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface HttpServer {
  readonly server: Server
  /** Closes the connections on which no request is under way, those that never said a word among them. */
  readonly closeUnused: () => void
}

/** An HTTP/1.1 server whose limits have names and whose every refusal, even of a broken request line, is an envelope. */
export function createHttpServer(limits: Limits, handler: Handler): HttpServer {
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
    if (request.headers.host === undefined && request.httpVersion === '1.1') refuseWithoutHost(response)
    else handler(request, response)
  }
  server.on('request', take)
  // Node would answer 417 with no body to an expectation that it does not know; a server may also ignore it.
  server.on('checkExpectation', take)
  server.on('connection', (socket) => {
    connections.add(socket)
    closeIfSilent(socket, limits.headersMs)
    socket.once('close', () => connections.delete(socket))
  })
  server.setTimeout(limits.clientIdleMs, (socket: Socket) => {
    const response = running.get(socket)
    // A silent socket is right while its client waits for us, wrong while we wait for the client.
    const ours = response !== undefined && !response.writableFinished && socket.writableLength === 0
    if (ours) socket.setTimeout(limits.clientIdleMs)
    else socket.destroy()
  })
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    refuseOnSocket(socket, running.get(socket), error.code ?? '')
  })
  return {
    server,
    closeUnused() {
      server.closeIdleConnections()
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

/** Node counts its header timeout from a request's first byte; a connection that never sends one would stay for ever. */
function closeIfSilent(socket: Socket, silentMs: number): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy()
  }, silentMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function refuseWithoutHost(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  sendRefusal(response, createRequestId(), new Refusal('bad_request', 'host: header is required'))
}

/** Answers what never became a request, or stopped being one in its middle. */
function refuseOnSocket(socket: Socket, response: ServerResponse | undefined, code: string): void {
  // Bytes of another answer are already on this connection: nothing readable can follow them.
  const midAnswer = response !== undefined && response.headersSent && !response.writableFinished
  if (!socket.writable || midAnswer || code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { kind, message } = classifyClientError(code)
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
}

function classifyClientError(code: string): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal('headers_too_large', 'the request headers are too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('request_timeout', 'the request did not arrive in time')
    case 'HPE_INVALID_EOF_STATE':
      return new Refusal('body_aborted', 'the connection ended before the body was complete')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Refusal('body_too_large', 'the chunk extensions are too large')
    default:
      return new Refusal('bad_request', `this is not a valid HTTP/1.1 request (${code})`)
  }
}
