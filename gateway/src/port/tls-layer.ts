import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'

import type { Limits } from '../limits.ts'
import type { Connection } from './connections.ts'

/** A certificate with its chain, and its private key, both as PEM text. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

export interface TlsLayer {
  /** Performs the handshake on a connection; calls `settled` when it succeeds or the connection closes. */
  secure(connection: Connection, settled: () => void): void
}

/** TLS 1.2 and later, with HTTP/2 and HTTP/1.1 by ALPN. Throws if the certificate and the key do not match. */
export function createTlsLayer(
  { certificate, key }: Certificate,
  limits: Limits,
  secured: (connection: Connection, socket: TLSSocket) => void,
): TlsLayer {
  const waiting = new Map<string, { connection: Connection; settled: () => void }>()
  const server = createServer({
    cert: certificate,
    key,
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headersMs,
  })
  server.on('secureConnection', (socket) => {
    const { connection, settled } = waiting.get(getPeer(socket)) ?? {}
    if (connection === undefined) return void socket.destroy()
    socket.on('error', () => {})
    connection.tls = true
    settled?.()
    secured(connection, socket)
  })
  // After a failed handshake the client already got a TLS alert.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    secure(connection, settled) {
      const { socket } = connection
      const peer = getPeer(socket)
      waiting.set(peer, { connection, settled })
      socket.once('close', () => {
        waiting.delete(peer)
        settled()
      })
      server.emit('connection', socket)
    },
  }
}

/** Identifies an open connection: no two on one port share their remote address and remote port. */
function getPeer({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
