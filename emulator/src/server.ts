import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'

import { encodeError } from '@anthology/wire'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import { bodyLimitBytes } from './body-limit.ts'
import { largestBodyBytes } from './body.ts'
import type { Emulator } from './emulator.ts'
import { createHttpPort } from './http-port.ts'
import type { PortRequest, PortResponse } from './http-port.ts'

export interface ListenOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
}

export interface EmulatorServer {
  readonly url: string
  readonly port: number
  /** Stops listening and cuts the connections that are open. */
  close(): Promise<void>
}

/** Serves an emulator over HTTP/1.1 and HTTP/2 in clear text, on one port. */
export function listenEmulator(emulator: Emulator, { port, host }: ListenOptions): Promise<EmulatorServer> {
  const { server, close } = createHttpPort((request, response) => serve(emulator, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      // A server that listens on a port has an address of this kind.
      const address = server.address() as AddressInfo
      const name = isIPv6(host) ? `[${host}]` : host
      resolve({ url: `http://${name}:${address.port}`, port: address.port, close })
    })
  })
}

/** The same for the processes of this machine that know the path of a socket, or on Windows the name of a pipe. */
export function listenEmulatorSocket(
  emulator: Emulator,
  path: string,
): Promise<Pick<EmulatorServer, 'close'>> {
  const { server, close } = createHttpPort((request, response) => serve(emulator, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve({ close }))
  })
}

/**
 * A body that is too large is read to its end before it is refused, since a client that is still
 * writing would see a broken connection and no answer; so much later it is cut off all the same.
 */
const excessBytes = 2 * largestBodyBytes

function serve(emulator: Emulator, request: PortRequest, response: PortResponse): void {
  if (request.method === 'HEAD' && request.url?.endsWith('/api/hello')) {
    response.writeHead(200)
    response.end()
    request.resume()
    return
  }
  const limitBytes = bodyLimitBytes(request.url ?? '/')
  const parts: Buffer[] = []
  let length = 0
  let isRead = false
  const finish = (): void => {
    // Of a broken HTTP/2 stream the body ends, but it is not whole.
    if (isRead || request.aborted) return
    isRead = true
    forward(emulator, request, response, Buffer.concat(parts))
    parts.length = 0
  }
  request.on('data', (part: Buffer) => {
    // One part beyond the limit is kept, by which the emulator sees that the body is too large.
    if (length <= limitBytes) parts.push(part)
    length += part.length
    if (length <= limitBytes + excessBytes || isRead) return
    // HTTP/2 knows no such header: it ends the stream alone.
    if (request.httpVersionMajor === 1) response.setHeader('connection', 'close')
    finish()
  })
  request.on('end', finish)
  // A client that goes away in the middle of its body has nobody to answer to.
  request.on('error', () => response.destroy())
}

function forward(emulator: Emulator, request: PortRequest, response: PortResponse, body: Buffer): void {
  let handle: UpstreamHandle | null = null
  response.on('drain', () => handle?.resume())
  response.on('close', () => handle?.abort())
  handle = emulator.send(
    {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: joinHeaders(request),
      body: body.length === 0 ? null : body,
    },
    createReceiver(response),
  )
}

function createReceiver(response: PortResponse): Receiver {
  return {
    head: (status, headers) => {
      response.writeHead(status, headers)
    },
    chunk: (bytes) => response.write(bytes),
    end: () => {
      response.end()
    },
    fail: (error) => {
      if (response.headersSent) response.destroy()
      else {
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(encodeError({ type: 'api_error', message: error.message, requestId: null }))
      }
    },
  }
}

/** Every value of every header. HTTP/2 names the host `:authority`, and signatures of AWS are made over that name. */
function joinHeaders({ headers, headersDistinct }: PortRequest): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(headersDistinct ?? headers))
    if (!name.startsWith(':')) joined[name] = typeof values === 'string' ? values : values.join(', ')
  const authority = headers[':authority']
  if (typeof authority !== 'string') return joined
  return { host: authority, ...joined, ':authority': authority }
}
