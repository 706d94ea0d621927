import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Socket } from 'node:net'

import { classifyFirstBytes } from '@anthology/wire'

/** What both versions of HTTP say of a request, in Node's own names. */
export interface PortRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** HTTP/2 brings `:authority` in place of `host`; a header that came several times may be a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly httpVersionMajor: number
  /** The client went away before its body was here. */
  readonly aborted: boolean
  on(event: 'data', listener: (part: Buffer) => void): unknown
  on(event: 'end' | 'error', listener: () => void): unknown
  resume(): unknown
}

/** What both versions of HTTP take for an answer. */
export interface PortResponse {
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  writeHead(status: number, headers?: Readonly<Record<string, string>>): unknown
  write(bytes: Uint8Array): boolean
  end(): unknown
  end(bytes: Uint8Array): unknown
  destroy(): unknown
  on(event: 'close', listener: () => void): unknown
  once(event: 'drain', listener: () => void): unknown
}

export interface HttpPort {
  /** Listens, and owns the header timeouts of HTTP/1.1. */
  readonly server: Server
  /** Stops listening and cuts every connection, of whatever kind. */
  readonly close: () => Promise<void>
}

/**
 * A port that takes HTTP/1.1, and HTTP/2 in clear text from clients that know of it beforehand (RFC 9113,
 * section 3.3), as the AWS SDK for JavaScript does. The `http.Server` listens itself, for behind another server
 * its own timeouts would not run; a connection goes to it or to HTTP/2 by its first bytes. One that says nothing
 * for `firstBytesMs` is cut.
 */
export function createHttpPort(
  handle: (request: PortRequest, response: PortResponse) => void,
  firstBytesMs = 10_000,
): HttpPort {
  const server = createServer((request, response) => handle(request, response))
  const http2 = createHttp2Server({ settings: http2Settings }, (request, response) => {
    // What a client reset at once is over before it gets here, and would look like a request without a body.
    if (!request.stream.destroyed) handle(request, response)
  })
  // A session that breaks has nobody left to be told; its streams end with it.
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

/** A connection of HTTP/2 on which nothing moves for so long is cut; clients themselves wait no longer for an answer. */
const idleSessionMs = 600_000

/** Streams of one connection at a time, and how much of a body a client may send before it is read. */
const http2Settings = { maxConcurrentStreams: 256, initialWindowSize: 1024 * 1024 } as const

/** Waits until the first bytes tell which protocol it is, and puts them back. */
function sniff(socket: Socket, waitMs: number, decide: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), waitMs)
  const fail = (): void => {
    socket.destroy()
  }
  let seen = Buffer.alloc(0)
  const look = (): void => {
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
    socket.off('readable', look)
    socket.off('error', fail)
    socket.off('close', stop)
  }
  socket.on('readable', look)
  socket.on('error', fail)
  socket.on('close', stop)
}
