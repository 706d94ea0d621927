import type { Socket } from 'node:net'

/** The wire protocol of a connection, detected from its first bytes. */
export type WireProtocol = 'http1' | 'http2' | 'tls'

/** The start of HTTP/2's connection preface, which no HTTP/1.1 request line starts with (RFC 9113, 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n')

/** The type of the TLS record that carries a handshake (RFC 8446, 5.1). */
const tlsHandshake = 0x16

/**
 * Calls `decided` once the first bytes identify the wire protocol, and puts them
 * back for the next reader. A connection that ends before that is closed.
 */
export function readFirstBytes(socket: Socket, decided: (wireProtocol: WireProtocol) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const look = (): void => {
    // A socket without an encoding returns buffers.
    const bytes = socket.read() as Buffer | null
    if (bytes === null) return
    seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes])
    const wireProtocol = classifyFirstBytes(seen)
    if (wireProtocol === null) return
    socket.off('readable', look).off('end', close)
    socket.unshift(seen)
    decided(wireProtocol)
  }
  const close = (): void => void socket.destroy()
  socket.on('readable', look).once('end', close)
}

/** Returns null while the bytes are an incomplete HTTP/2 preface. */
export function classifyFirstBytes(bytes: Uint8Array): WireProtocol | null {
  if (bytes[0] === tlsHandshake) return 'tls'
  const length = Math.min(bytes.length, preface.length)
  if (preface.compare(bytes, 0, length, 0, length) !== 0) return 'http1'
  return length === preface.length ? 'http2' : null
}
