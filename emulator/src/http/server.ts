import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'

import { maxBodyBytes } from '@anthology/catalog'
import { encodeError, joinBytes, joinValues } from '@anthology/wire'
import type { Receiver } from '@anthology/wire'

import type { Headers } from '../api/authenticate.ts'
import { bodyLimitBytes } from './body-limit.ts'
import type { Emulator } from '../emulator.ts'
import { createHttpPort } from './port.ts'
import type { PortRequest, PortResponse } from './port.ts'
import { createWriteBatcher } from './write-batcher.ts'
import type { WriteBatcher } from './write-batcher.ts'

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
  const site = { emulator, writeBatcher: createWriteBatcher() }
  const { server, close } = createHttpPort((request, response) => serve(site, request, response))
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
  const site = { emulator, writeBatcher: createWriteBatcher() }
  const { server, close } = createHttpPort((request, response) => serve(site, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve({ close }))
  })
}

/**
 * A body that is too large is read to its end before it is refused, since a client that is still
 * writing would see a broken connection and no answer; so much later it is cut off all the same.
 */
const excessBytes = 2 * maxBodyBytes

/** Where requests are answered. */
interface Site {
  readonly emulator: Emulator
  readonly writeBatcher: WriteBatcher
}

function serve(site: Site, request: PortRequest, response: PortResponse): void {
  if (request.method === 'HEAD' && request.url?.endsWith('/api/hello')) {
    response.writeHead(200)
    response.end()
    request.resume()
    return
  }
  const limitBytes = bodyLimitBytes(request.url ?? '/')
  const parts: Uint8Array[] = []
  let length = 0
  let isRead = false
  const finish = (): void => {
    // Of a broken HTTP/2 stream the body ends, but it is not whole.
    if (isRead || request.aborted) return
    isRead = true
    forward(site, { request, response, body: length === 0 ? null : joinBytes(parts) })
    parts.length = 0
  }
  request.on('data', (part) => {
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

interface Exchange {
  readonly request: PortRequest
  readonly response: PortResponse
  readonly body: Uint8Array | null
}

function forward({ emulator, writeBatcher }: Site, { request, response, body }: Exchange): void {
  const receiver = createReceiver(response, writeBatcher, () => handle.resume())
  const asked = {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: joinHeaders(request),
    body,
  }
  const handle = emulator.send(asked, receiver)
  response.on('close', () => handle.abort())
}

/** Tells an answer over HTTP: at once where it comes in one piece, as its length says beforehand; else piece by piece. */
function createReceiver(response: PortResponse, writeBatcher: WriteBatcher, resume: () => void): Receiver {
  let head: { readonly status: number; readonly headers: Headers } | null = null
  let isPosted = false
  const sendHead = (): void => {
    if (head) response.writeHead(head.status, head.headers)
    head = null
  }
  return {
    head: (status, headers) => {
      head = { status, headers }
      if (headers['content-length'] === undefined) sendHead()
    },
    chunk: (bytes) => {
      if (head && Number(head.headers['content-length']) === bytes.length) {
        isPosted = true
        writeBatcher.add({ response, status: head.status, headers: head.headers, bytes })
        return true
      }
      sendHead()
      const goesOn = response.write(bytes)
      if (!goesOn) response.once('drain', resume)
      return goesOn
    },
    end: () => {
      if (isPosted) return
      sendHead()
      response.end()
    },
    fail: (error) => {
      if (isPosted) return
      if (response.headersSent) response.destroy()
      else {
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(encodeError({ type: 'api_error', message: error.message, requestId: null }))
      }
    },
  }
}

function joinHeaders(request: PortRequest): Headers {
  return request.httpVersionMajor === 1 ? joinRaw(request.rawHeaders) : joinHttp2Headers(request.headers)
}

/** Every value of every header, taken as they came: Node's own list of every value costs more to make than all else that is done with headers. */
function joinRaw(raw: readonly string[]): Headers {
  const joined: Record<string, string> = {}
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at]?.toLowerCase() ?? '', raw[at + 1] ?? '']
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]}, ${value}` : value
  }
  return joined
}

/** HTTP/2 names the host `:authority`, and signatures of AWS are made over that name. */
function joinHttp2Headers(headers: PortRequest['headers']): Headers {
  const joined: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(headers))
    if (!name.startsWith(':')) joined[name] = joinValues(values)
  const authority = headers[':authority']
  if (typeof authority !== 'string') return joined
  return { host: authority, ...joined, ':authority': authority }
}
