import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

import { Client, Pool, errors } from 'undici'
import type { Dispatcher, buildConnector } from 'undici'

import { joinHeaders } from '@anthology/wire'
import type { Receiver, UploadRequest, Upstream, UpstreamHandle, UpstreamRequest } from '@anthology/wire'

import type { Limits } from '../limits.ts'
import { createProxiedPool } from './proxies/proxied-pool.ts'
import type { Connections } from './proxies/proxied-pool.ts'
import { toStatusError } from './proxies/proxy-error.ts'
import type { Proxy } from './proxies/proxy.ts'

export interface HttpUpstreamOptions {
  /** The API's base URL without `/v1`; a path prefix is kept. */
  readonly baseUrl: string
  /** The header that carries the account's credential. */
  readonly credential: { readonly header: 'x-api-key' | 'authorization'; readonly value: string } | null
  readonly limits: Limits
  /** A Unix socket to connect to instead of the URL's host. */
  readonly socketPath?: string | undefined
  /** The forward proxy to the URL's host; default: none. */
  readonly proxy?: Proxy | null
}

/** A Messages-compatible API over HTTP: any base URL that serves `/v1/messages`. */
export interface HttpUpstream extends Upstream {
  /** The number of requests that took the last connection or waited for one. */
  readonly fullTimes: number
  /** Open connections. */
  readonly connections: number
  close(): Promise<void>
}

export function createHttpUpstream({
  baseUrl,
  credential,
  limits,
  socketPath,
  proxy = null,
}: HttpUpstreamOptions): HttpUpstream {
  const url = new URL(baseUrl)
  const prefix = url.pathname.replace(/\/$/, '')
  const options = {
    connections: limits.upstreamConnections,
    allowH2: false,
    headersTimeout: limits.upstreamFirstByteMs,
    bodyTimeout: limits.upstreamIdleMs,
    factory: createClient,
  }
  const connect = { timeout: limits.connectMs, ...(socketPath === undefined ? {} : { socketPath }) }
  const open = (pipelining: 0 | 1): Connections =>
    proxy === null
      ? new Pool(url.origin, { ...options, pipelining, connect })
      : createProxiedPool(url.origin, { proxy, limits, pool: { ...options, pipelining } })
  const pool = open(1)
  // Without pipelining undici uses each connection once.
  const newConnections = open(0)
  let fullTimes = 0
  const own: Record<string, string> = { 'accept-encoding': 'identity' }
  if (credential !== null) own[credential.header] = credential.value

  function dispatch(
    request: Omit<UpstreamRequest, 'body'>,
    body: Uint8Array | Readable | null,
    receiver: Receiver,
  ): UpstreamHandle {
    const headers = { ...request.headers, ...own }
    const sent = { path: prefix + request.path, method: request.method, headers, body }
    const repeat = (): void => void newConnections.dispatch(sent, exchange)
    const exchange = new Exchange(receiver, {
      firstByteMs: limits.upstreamFirstByteMs,
      repeat: request.method === 'GET' ? repeat : null,
      describeRejection: proxy === null ? null : () => toStatusError(proxy, url.host, 407),
    })
    const isFull = !(request.onNewConnection === true ? newConnections : pool).dispatch(sent, exchange)
    if (isFull) fullTimes += 1
    return exchange
  }

  return {
    get fullTimes() {
      return fullTimes
    },
    get connections() {
      return pool.stats.connected + newConnections.stats.connected
    },
    send: (request, receiver) => dispatch(request, request.body, receiver),
    upload(request, receiver) {
      const { body } = request
      if (!isList(body)) return dispatch(request, Readable.from(body, { objectMode: false }), receiver)
      const length = body.reduce((sum, piece) => sum + piece.length, 0)
      const headers = { ...request.headers, 'content-length': String(length) }
      return dispatch({ ...request, headers }, asBody(body), receiver)
    },
    async close() {
      if (pool.closed) return
      // A request that nobody waits for, such as the creation of a batch, may still be in progress.
      const cutOff = setTimeout(() => {
        void pool.destroy()
        void newConnections.destroy()
      }, limits.ledgerWaitMs)
      await Promise.all([pool.close(), newConnections.close()])
      clearTimeout(cutOff)
    },
  }
}

function isList(body: UploadRequest['body']): body is readonly Uint8Array[] {
  return Array.isArray(body)
}

/** undici's documentation allows any iterable as a body; its types omit that. */
function asBody(pieces: readonly Uint8Array[]): Readable {
  return pieces as unknown as Readable
}

type Controller = Parameters<NonNullable<Parameters<Pool['dispatch']>[1]['onRequestStart']>>[0]

interface ExchangeOptions {
  readonly firstByteMs: number
  /** Sends the request again on a new connection; null if it could have an effect twice. */
  readonly repeat: (() => void) | null
  /** Describes a proxy that rejected the credentials of a forwarded request; null: there is no proxy. */
  readonly describeRejection: (() => Error) | null
}

/** Adapts undici's handler interface to ours. */
class Exchange implements UpstreamHandle {
  /** The connection that carries the request. */
  connection: Connection | null = null
  #receiver: Receiver
  #options: ExchangeOptions
  #controller: Controller | null = null
  #aborted = false
  #startedMs = 0
  /** Bytes that the connection had received before this request; null until the request is sent. */
  #bytesBefore: number | null = null
  #interimResponses = 0
  #interimTimer: NodeJS.Timeout | undefined
  /** Chunks received in this turn of the event loop. */
  #arrived: Buffer[] = []
  #isFlowing = false

  constructor(receiver: Receiver, options: ExchangeOptions) {
    this.#receiver = receiver
    this.#options = options
  }

  resume(): void {
    this.#controller?.resume()
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    clearTimeout(this.#interimTimer)
    this.#controller?.abort(new Error('aborted'))
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    this.#startedMs = performance.now()
    this.#bytesBefore = this.connection?.socket?.bytesRead ?? 0
    if (this.#aborted) controller.abort(new Error('aborted'))
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#aborted) return
    if (status < 200) return this.#takeInterim(controller)
    clearTimeout(this.#interimTimer)
    this.#receiver.head(status, joinHeaders(headers))
  }

  /** Each informational response restarts undici's timer, so from the first one on the time is limited here. */
  #takeInterim(controller: Controller): void {
    this.#interimResponses += 1
    if (this.#interimResponses > maxInterimResponses) {
      controller.abort(createError('TOO_MANY_INTERIM_RESPONSES'))
    } else if (this.#interimResponses === 1) {
      const leftMs = this.#options.firstByteMs - (performance.now() - this.#startedMs)
      const expire = (): void => controller.abort(createError('UND_ERR_HEADERS_TIMEOUT'))
      this.#interimTimer = setTimeout(expire, leftMs)
    }
  }

  /**
   * One socket read can contain many HTTP chunks, because services write each event
   * as its own chunk. They are forwarded together within the same turn of the event
   * loop, so parsing and writing them costs as much as one chunk. The first chunk is
   * forwarded immediately, because its receiver may pause the response.
   */
  onResponseData(_: Controller, chunk: Buffer): void {
    if (this.#arrived.length === 0 && this.#isFlowing) process.nextTick(() => this.#handOn())
    this.#arrived.push(chunk)
    if (!this.#isFlowing) this.#handOn()
    this.#isFlowing = true
  }

  onResponseEnd(): void {
    this.#handOn()
    if (!this.#aborted) this.#receiver.end()
  }

  onResponseError(_: Controller, error: Error): void {
    clearTimeout(this.#interimTimer)
    this.#handOn()
    if (this.#aborted) return
    const { repeat, describeRejection } = this.#options
    // undici reports status 407 of a proxy in this way, and goes on with the response.
    const isSent = this.#bytesBefore !== null
    if (describeRejection !== null && isSent && error instanceof errors.InvalidArgumentError) {
      this.#receiver.fail(describeRejection())
      return this.abort()
    }
    const code = this.#classifySilence(error)
    if (code === 'STALE_CONNECTION' && repeat !== null) {
      this.#bytesBefore = null
      repeat()
    } else this.#receiver.fail(code === null ? error : createError(code, error))
  }

  /**
   * Classifies a connection that closed before a response began; null for all other errors. A server may close an idle
   * connection just as a request arrives on it. Then it closes at once: an upstream that worked on the call for longer
   * may bill it.
   */
  #classifySilence(error: Error): 'CONNECT_FAILED' | 'NO_RESPONSE' | 'STALE_CONNECTION' | null {
    const code = 'code' in error ? error.code : undefined
    if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') return null
    if (this.#bytesBefore === null) return 'CONNECT_FAILED'
    if (this.connection?.socket?.bytesRead !== this.#bytesBefore) return null
    const isFast = performance.now() - this.#startedMs < maxCloseMs
    return this.#bytesBefore > 0 && isFast ? 'STALE_CONNECTION' : 'NO_RESPONSE'
  }

  #handOn(): void {
    const arrived = this.#arrived
    const [first] = arrived
    if (first === undefined || this.#aborted) return
    this.#arrived = []
    if (!this.#receiver.chunk(arrived.length === 1 ? first : Buffer.concat(arrived)))
      this.#controller?.pause()
  }
}

/** A network round trip takes less than a second; the rest is for a busy machine. */
const maxCloseMs = 5_000

/** Servers send one or two, such as 103 Early Hints. */
const maxInterimResponses = 32

function createError(code: string, cause?: Error): Error {
  return Object.assign(new Error(code, { cause }), { code })
}

/** One connection, or its successor after it has closed. */
interface Connection {
  socket: Socket | null
}

/** Creates a client of the pool that passes its connection to each exchange. */
function createClient(origin: URL, options: object): Client {
  return new TrackingClient(origin, options)
}

class TrackingClient extends Client {
  #connection: Connection

  constructor(origin: URL, options: Client.Options) {
    const { connect } = options
    if (typeof connect !== 'function') throw new Error('the pool passes its connector')
    const connection: Connection = { socket: null }
    const track: buildConnector.connector = (target, callback) =>
      connect(target, (...result: Parameters<buildConnector.Callback>) => {
        connection.socket = result[1]
        callback(...result)
      })
    super(origin, { ...options, connect: track })
    this.#connection = connection
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) handler.connection = this.#connection
    return super.dispatch(options, handler)
  }
}
