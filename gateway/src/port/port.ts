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
  /** Call `listen` on it; the port serves every connection that it accepts. */
  readonly server: Server
  counts(): PortCounts
  /** Closes connections without a running request, also those that have sent nothing yet. */
  closeUnused(): void
  /** Accepts no new connection, waits at most `drainMs` for running requests, and then cuts them off. */
  close(drainMs: number): Promise<void>
}

export interface PortOptions {
  readonly telemetry: PortTelemetry
  /** With a certificate the port accepts only TLS. */
  readonly tls?: Certificate | undefined
}

/**
 * One port for HTTP/1.1 and HTTP/2. Without a certificate it serves clear text
 * and detects the version from the first bytes (RFC 9113, 3.3); with one it
 * serves TLS and negotiates the version by ALPN.
 */
export function createPort(limits: Limits, handler: Handler, { tls, telemetry }: PortOptions): Port {
  const connections = new Connections(limits, telemetry)
  const http1 = createHttp1(limits, connections, handler)
  const http2 = createHttp2(limits, connections, handler)
  const { server } = http1

  /** Waits for the first bytes; a connection that sends none in time is closed. */
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
        // A TLS connection without ALPN `h2` uses HTTP/1.1, so the HTTP/1.1 server rejects an HTTP/2 preface on it.
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
    async close(drainMs) {
      if (!server.listening) return
      http1.drain()
      http2.drain()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const sweep = setInterval(closeUnused, 50)
      const cutOff = setTimeout(() => {
        telemetry.countLimit('drainMs')
        for (const { socket } of connections) socket.destroy()
      }, drainMs)
      closeUnused()
      await closed
      clearInterval(sweep)
      clearTimeout(cutOff)
    },
  }
}
