export type WireProtocol = 'http1' | 'http2' | 'tls'

/**
 * Classifies a connection by the bytes that it begins with. Null while they may still become the
 * preface of HTTP/2.
 */
export function classifyFirstBytes(bytes: Uint8Array): WireProtocol | null {
  if (bytes[0] === tlsHandshake) return 'tls'
  for (let at = 0; at < preface.length; at += 1) {
    if (at === bytes.length) return null
    if (bytes[at] !== preface.charCodeAt(at)) return 'http1'
  }
  return 'http2'
}

/** The part of the connection preface that no request line of HTTP/1.1 begins with (RFC 9113, 3.4). */
const preface = 'PRI * HTTP/2.0\r\n'

/** The type of the TLS record that carries a handshake (RFC 8446, 5.1). */
const tlsHandshake = 0x16
