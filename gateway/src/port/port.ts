import type { Server } from 'node:http'
import type { Socket } from 'node:net'

import { ApiError } from '../errors.ts'
import type { Handler } from '../http/client-exchange.ts'
import type { Limits } from '../limits.ts'
import { Connections } from './connections.ts'
import type { Connection, PortCounts, PortTelemetry } from './connections.ts'
import { readFirstBytes } from './first-bytes.ts'
import { createHttp1 } from './http1.ts'
import { createHttp2 } from './http2.ts'
import { sendErrorOnSocket } from './socket-error.ts'
import { createTlsLayer } from './tls-layer.ts'
import type { Certificate } from './tls-layer.ts'

export interface Port {
  /** Not listening yet: call `listen` on it. */
  readonly server: Server
  counts(): PortCounts
  /** Closes all connections without a request in progress, including those that have sent nothing. */
  closeUnused(): void
  /**
   * Stops accepting, and lets requests in progress finish for at most `drainMs`. After that `onCut` may end them with an
   * error, and the connections that still remain are closed.
   */
  close(drainMs: number, onCut?: () => void): Promise<void>
}

export interface PortOptions {
  readonly telemetry: PortTelemetry
  /** With a certificate the port accepts only TLS. */
  readonly tls?: Certificate | undefined
}

/**
 * One port for HTTP/1.1 and HTTP/2. In clear text (no certificate) the first bytes
 * decide between them (RFC 9113, 3.3); over TLS, ALPN does.
 */
export function createPort(limits: Limits, handler: Handler, { tls, telemetry }: PortOptions): Port {
  const connections = new Connections(limits, telemetry)
  const http1 = createHttp1(limits, connections, handler)
  const http2 = createHttp2(limits, connections, handler)
  const { server } = http1

  /** Detects the protocol; a connection that sends too little for that within `headersMs` is closed. */
  function onMessage(connection: Connection, socket: Socket, secure: boolean): void {
    const silence = setTimeout(() => {
      connections.countLimit('headersMs')
      connection.socket.destroy()
    }, limits.headersMs)
    silence.unref()
    const stop = (): void => clearTimeout(silence)
    socket.once('close', stop)
    readFirstBytes(socket, (wireProtocol) => {
      if (secure || layer === null) {
        stop()
        // ALPN may have negotiated HTTP/1.1; then the HTTP/1.1 server sends the error for an HTTP/2 preface.
        if (wireProtocol === 'http2' && !secure) http2.serve(connection, socket)
        else http1.serve(connection, socket)
      } else if (wireProtocol === 'tls') {
        layer.secure(connection, stop)
      } else {
        stop()
        const apiError = new ApiError('bad_request', 'this port requires TLS; use https://')
        connections.countError(apiError)
        sendErrorOnSocket(socket, false, apiError)
      }
    })
  }

  const layer =
    tls === undefined
      ? null
      : createTlsLayer(tls, limits, (connection, socket) => {
          if (socket.alpnProtocol === 'h2') http2.serve(connection, socket)
          else onMessage(connection, socket, true)
        })

  server.on('connection', (socket: Socket) => {
    const connection = connections.admit(socket)
    if (connection !== null) onMessage(connection, socket, false)
  })

  function closeUnused(): void {
    server.closeIdleConnections()
    for (const { kind, session, socket } of connections) {
      if (kind === 'new' || session?.destroyed === true) socket.destroy()
    }
  }

  return {
    server,
    counts: () => connections.counts(),
    closeUnused,
    async close(drainMs, onCut) {
      if (!server.listening) return
      http1.drain()
      http2.drain()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const sweep = setInterval(closeUnused, 50)
      let timer = setTimeout(() => {
        telemetry.countLimit('drainMs')
        if (onCut === undefined) return destroyAll(connections)
        onCut()
        timer = setTimeout(() => destroyAll(connections), cutMs)
      }, drainMs)
      closeUnused()
      await closed
      clearInterval(sweep)
      clearTimeout(timer)
    },
  }
}

function destroyAll(connections: Connections): void {
  for (const { socket } of connections) socket.destroy()
}

/** The time in which clients may read the error of a call that was cut. */
const cutMs = 1_000
