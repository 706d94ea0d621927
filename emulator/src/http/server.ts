import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'

import { maxBodyBytes } from '@anthology/catalog'
import {
  createHostCheck,
  encodeError,
  findHeadProblem,
  isLoopbackHost,
  joinBytes,
  joinValues,
} from '@anthology/wire'
import type { HostCheck, Receiver } from '@anthology/wire'

import type { Headers } from '../api/authenticate.ts'
import { answerControl } from '../control/control.ts'
import { isControlTarget } from '../control/paths.ts'
import { bodyLimitBytes } from './body-limit.ts'
import type { Emulator } from '../emulator.ts'
import { FaultError } from '../faults/fault-error.ts'
import { breakConnection } from './break-connection.ts'
import { createHttpPort } from './port.ts'
import type { PortRequest, PortResponse } from './port.ts'
import { createWriteBatcher } from './write-batcher.ts'
import type { WriteBatcher } from './write-batcher.ts'

export interface ListenOptions {
  /** 0 selects a free port. */
  readonly port: number
  readonly host: string
  /** Names that the `Host` header may contain beside those of this machine, if `host` is a loopback address. */
  readonly allowedHosts?: readonly string[]
  /** Whether the port has the control API, `/emulator/v1` and `/healthz`; default true. */
  readonly control?: boolean
}

export interface EmulatorServer {
  readonly url: string
  readonly port: number
  /** Stops listening and destroys open connections. */
  close(): Promise<void>
}

/** Serves an emulator over HTTP/1.1 and clear-text HTTP/2 on one port. */
export function listenEmulator(
  emulator: Emulator,
  { port, host, allowedHosts = [], control = true }: ListenOptions,
): Promise<EmulatorServer> {
  const context = { emulator, writeBatcher: createWriteBatcher(), hasControl: control }
  const name = isIPv6(host) ? `[${host}]` : host
  // Where other machines reach the port, its names are unknown.
  const hostCheck = createHostCheck(isLoopbackHost(host) ? allowedHosts : [], host)
  const { server, close } = createHttpPort((request, response) =>
    namesServer(request.headers, hostCheck)
      ? serve(context, request, response)
      : rejectHost(request, response),
  )
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      // The address of a server that listens on a TCP port is an AddressInfo.
      const address = server.address() as AddressInfo
      resolve({ url: `http://${name}:${address.port}`, port: address.port, close })
    })
  })
}

/** Serves an emulator on a Unix socket, or on Windows on a named pipe, without the control API. */
export function listenEmulatorSocket(
  emulator: Emulator,
  path: string,
): Promise<Pick<EmulatorServer, 'close'>> {
  const context = { emulator, writeBatcher: createWriteBatcher(), hasControl: false }
  const { server, close } = createHttpPort((request, response) => serve(context, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve({ close }))
  })
}

/**
 * The emulator reads a body that is too large to its end before it sends the error, because a client that is still
 * writing would see a broken connection instead. After this many excess bytes it sends the error anyway.
 */
const excessBytes = 2 * maxBodyBytes

/** HTTP/2 sends the name as `:authority`. A request without any is not from a browser. */
function namesServer(
  { ':authority': authority, host }: PortRequest['headers'],
  hostCheck: HostCheck,
): boolean {
  return [authority, host].every((name) => typeof name !== 'string' || hostCheck.accepts(name))
}

function rejectHost(request: PortRequest, response: PortResponse): void {
  const message =
    'The Host header does not name this machine, and the emulator listens on a loopback address only. ' +
    'Use localhost, or allow the name (`allowedHosts`, `--allow-host`).'
  response.writeHead(403, { 'content-type': 'application/json' })
  response.end(encodeError({ type: 'permission_error', message, requestId: null }))
  request.resume()
}

interface ServerContext {
  readonly emulator: Emulator
  readonly writeBatcher: WriteBatcher
  readonly hasControl: boolean
}

function serve(context: ServerContext, request: PortRequest, response: PortResponse): void {
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
    // A broken HTTP/2 stream also emits 'end', but its body is incomplete.
    if (isRead || request.aborted) return
    isRead = true
    forward(context, { request, response, body: length === 0 ? null : joinBytes(parts) })
    parts.length = 0
  }
  request.on('data', (part) => {
    // One part past the limit is kept, so that the emulator detects that the body is too large.
    if (length <= limitBytes) parts.push(part)
    length += part.length
    if (length <= limitBytes + excessBytes || isRead) return
    // HTTP/2 has no such header: it ends only the stream.
    if (request.httpVersionMajor === 1) response.setHeader('connection', 'close')
    finish()
  })
  request.on('end', finish)
  // The client disconnected before its body was complete, so there is no response to send.
  request.on('error', () => response.destroy())
}

interface Exchange {
  readonly request: PortRequest
  readonly response: PortResponse
  readonly body: Uint8Array | null
}

function forward(context: ServerContext, { request, response, body }: Exchange): void {
  const { emulator, writeBatcher } = context
  const received = {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: joinHeaders(request),
    body,
    problem: findHeadProblem({ ...readVersion(request), rawHeaders: request.rawHeaders }),
  }
  // The end of a malformed request is uncertain. HTTP/2 has no such header: each request is a stream of its own.
  if (received.problem !== null && request.httpVersionMajor === 1) response.setHeader('connection', 'close')
  if (context.hasControl && isControlTarget(received.path)) {
    const { status, headers, body: answer } = answerControl(emulator, received)
    response.writeHead(status, headers)
    response.end(answer)
    return
  }
  const receiver = createReceiver(response, writeBatcher, () => handle.resume())
  const handle = emulator.send(received, receiver)
  response.on('close', () => handle.abort())
}

/** Writes a reply to an HTTP response: in one batched write if its first chunk is the whole body, else chunk by chunk. */
function createReceiver(response: PortResponse, writeBatcher: WriteBatcher, resume: () => void): Receiver {
  let head: { readonly status: number; readonly headers: Headers } | null = null
  let isBatched = false
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
        isBatched = true
        writeBatcher.add({ response, status: head.status, headers: head.headers, bytes })
        return true
      }
      sendHead()
      const canContinue = response.write(bytes)
      if (!canContinue) response.once('drain', resume)
      return canContinue
    },
    end: () => {
      if (isBatched) return
      sendHead()
      response.end()
    },
    fail: (error) => {
      if (isBatched) return
      if (error instanceof FaultError) breakConnection(response, error.kind)
      else if (response.headersSent) response.destroy()
      else {
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(encodeError({ type: 'api_error', message: error.message, requestId: null }))
      }
    },
  }
}

/** HTTP/1 in text can name any version; only HTTP/2 has pseudo-headers. */
function readVersion({ httpVersion, headers }: PortRequest): { httpVersion: string; isHttp2: boolean } {
  return { httpVersion, isHttp2: headers[':method'] !== undefined }
}

function joinHeaders(request: PortRequest): Headers {
  const { headers, rawHeaders } = request
  if (request.httpVersionMajor !== 1) return joinHttp2Headers(headers)
  const joined = joinRaw(rawHeaders)
  const { host } = headers
  // The host of a target in absolute form replaces the header.
  return typeof host !== 'string' || host === joined['host'] ? joined : { ...joined, host }
}

/** Joins repeated headers from the raw list; Node's `headersDistinct` costs more than all other header work. */
function joinRaw(raw: readonly string[]): Headers {
  const joined: Record<string, string> = {}
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at]?.toLowerCase() ?? '', raw[at + 1] ?? '']
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]}, ${value}` : value
  }
  return joined
}

/** HTTP/2 sends the host as `:authority`, and AWS signatures cover that name. */
function joinHttp2Headers(headers: PortRequest['headers']): Headers {
  const joined: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(headers))
    if (!name.startsWith(':')) joined[name] = joinValues(values)
  const authority = headers[':authority']
  if (typeof authority !== 'string') return joined
  return { host: authority, ...joined, ':authority': authority }
}
