import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'

import type { Limits } from '../limits.ts'
import type { Connection } from './connections.ts'

/** A certificate with its chain, and its key, both as PEM text. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

export interface TlsLayer {
  /** Answers the handshake on a connection; `settled` is called when it is over, however it ended. */
  secure(connection: Connection, settled: () => void): void
}

/** TLS 1.2 and later, with HTTP/2 and HTTP/1.1 by ALPN. Throws when the certificate and the key do not fit together. */
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
  // Whoever cannot agree on a handshake has been told by an alert.
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

/** Names an open connection: no two of one port come from the same port of the same address. */
function getPeer({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
