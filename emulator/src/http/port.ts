import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Socket } from 'node:net'

import { classifyFirstBytes, parseAbsoluteTarget } from '@anthology/wire'

/** What both versions of HTTP say of a request, in Node's own names. */
export interface PortRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** HTTP/2 has `:authority` in place of `host`; a repeated header may be a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[]
  readonly httpVersion: string
  readonly httpVersionMajor: number
  /** The client disconnected before its body was complete. */
  readonly aborted: boolean
  on(event: 'data', listener: (part: Buffer) => void): unknown
  on(event: 'end' | 'error', listener: () => void): unknown
  resume(): unknown
}

/** The part of a response that HTTP/1.1 and HTTP/2 share. */
export interface PortResponse {
  readonly headersSent: boolean
  /** The connection; null when it is closed. */
  readonly socket: Connection | null
  /** The stream of HTTP/2. */
  readonly stream?: {
    /** Gives access to the connection that its streams share. */
    readonly session?: { readonly socket: Connection } | undefined
    close(code: number): void
  }
  setHeader(name: string, value: string): unknown
  writeHead(status: number, headers?: Readonly<Record<string, string>>): unknown
  /** The callback runs when the bytes were handed to the system, or cannot be. */
  write(bytes: Uint8Array, flushed?: () => void): boolean
  end(): unknown
  end(bytes: Uint8Array): unknown
  destroy(): unknown
  on(event: 'close', listener: () => void): unknown
  once(event: 'drain', listener: () => void): unknown
}

/** The part of a socket that resets it. */
export interface Connection {
  readonly remoteAddress?: string | undefined
  resetAndDestroy(): unknown
}

export interface HttpPort {
  /** The listening server, which enforces the header timeouts of HTTP/1.1. */
  readonly server: Server
  /** Stops listening and destroys all connections, HTTP/1.1 and HTTP/2. */
  readonly close: () => Promise<void>
}

/**
 * Creates a port for HTTP/1.1, and for clear-text HTTP/2 with prior knowledge (RFC 9113, section 3.3), which the AWS SDK
 * for JavaScript uses. The `http.Server` itself listens, because its timeouts do not run behind another server. The first
 * bytes of a connection select HTTP/1.1 or HTTP/2; a connection that sends none within `firstBytesMs` is destroyed.
 */
export function createHttpPort(
  handle: (request: PortRequest, response: PortResponse) => void,
  firstBytesMs = 10_000,
): HttpPort {
  const server = createServer((request, response) => {
    const target = parseAbsoluteTarget(request.url ?? '', false)
    if (target !== null) {
      request.url = target.path
      request.headers.host = target.authority
    }
    handle(request, response)
  })
  const http2 = createHttp2Server({ settings: http2Settings }, (request, response) => {
    // A stream that the client reset at once is already destroyed here, and would look like a request without a body.
    if (!request.stream.destroyed) handle(request, response)
  })
  // A broken session has no peer to report to; its streams end with it.
  http2.on('sessionError', () => {})
  http2.setTimeout(idleSessionMs)
  const serveHttp1 = server.listeners('connection')
  server.removeAllListeners('connection')

  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    sniff(socket, firstBytesMs, (isHttp2) => {
      if (isHttp2) http2.emit('connection', socket)
      else for (const listener of serveHttp1) listener.call(server, socket)
    })
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  return { server, close }
}

/** The idle timeout of an HTTP/2 connection; clients do not wait longer for a response either. */
const idleSessionMs = 600_000

/** The maximum of concurrent streams per connection, and the bytes of a body that a client may send before it is read. */
const http2Settings = { maxConcurrentStreams: 256, initialWindowSize: 1024 * 1024 } as const

/** Waits until the first bytes tell which protocol it is, and puts them back. */
function sniff(socket: Socket, waitMs: number, decide: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), waitMs)
  const fail = (): void => {
    socket.destroy()
  }
  let seen = Buffer.alloc(0)
  const read = (): void => {
    const part: Buffer | null = socket.read()
    if (part === null) return
    seen = Buffer.concat([seen, part])
    const protocol = classifyFirstBytes(seen)
    if (protocol === null) return
    stop()
    socket.unshift(seen)
    decide(protocol === 'http2')
  }
  const stop = (): void => {
    clearTimeout(timer)
    socket.off('readable', read)
    socket.off('error', fail)
    socket.off('close', stop)
  }
  socket.on('readable', read)
  socket.on('error', fail)
  socket.on('close', stop)
}
