import { Readable } from 'node:stream'

import { Pool } from 'undici'

import type { Receiver, UploadRequest, Upstream, UpstreamHandle, UpstreamRequest } from '@anthology/wire'

import type { Limits } from '../limits.ts'

export interface HttpUpstreamOptions {
  /** The API's URL without `/v1`; a path prefix is kept. */
  readonly baseUrl: string
  /** The header that carries the account's credential. */
  readonly credential: { readonly header: 'x-api-key' | 'authorization'; readonly value: string } | null
  readonly limits: Limits
  /** A Unix socket to connect to instead of the URL's host. */
  readonly socketPath?: string | undefined
}

/** A Messages-compatible API over HTTP: any base URL that serves `/v1/messages`. */
export interface HttpUpstream extends Upstream {
  /** The number of requests that took the last connection, or waited for one. */
  readonly fullTimes: number
  close(): Promise<void>
}

export function createHttpUpstream({
  baseUrl,
  credential,
  limits,
  socketPath,
}: HttpUpstreamOptions): HttpUpstream {
  const url = new URL(baseUrl)
  const prefix = url.pathname.replace(/\/$/, '')
  const pool = new Pool(url.origin, {
    connections: limits.upstreamConnections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: limits.upstreamFirstByteMs,
    bodyTimeout: limits.upstreamIdleMs,
    connect: { timeout: limits.connectMs, ...(socketPath === undefined ? {} : { socketPath }) },
  })
  let fullTimes = 0
  const own: Record<string, string> = { 'accept-encoding': 'identity' }
  if (credential !== null) own[credential.header] = credential.value

  function dispatch(
    request: Omit<UpstreamRequest, 'body'>,
    body: Uint8Array | Readable | null,
    receiver: Receiver,
  ): UpstreamHandle {
    const exchange = new Exchange(receiver)
    const headers = { ...request.headers, ...own }
    const hasMore = pool.dispatch(
      { path: prefix + request.path, method: request.method, headers, body },
      exchange,
    )
    if (!hasMore) fullTimes += 1
    return exchange
  }

  return {
    get fullTimes() {
      return fullTimes
    },
    send: (request, receiver) => dispatch(request, request.body, receiver),
    upload(request, receiver) {
      const { body } = request
      if (!isList(body)) return dispatch(request, Readable.from(body, { objectMode: false }), receiver)
      const length = body.reduce((sum, piece) => sum + piece.length, 0)
      const headers = { ...request.headers, 'content-length': String(length) }
      return dispatch({ ...request, headers }, asBody(body), receiver)
    },
    close: () => pool.close(),
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

/** Adapts undici's handler to our `Receiver`. */
class Exchange implements UpstreamHandle {
  #receiver: Receiver
  #controller: Controller | null = null
  #aborted = false
  /** Chunks received in this tick of the event loop. */
  #arrived: Buffer[] = []
  #isFlowing = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  resume(): void {
    this.#controller?.resume()
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#controller?.abort(new Error('aborted'))
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(new Error('aborted'))
  }

  onResponseStart(
    _: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#aborted) return
    this.#receiver.head(status, joinHeaders(headers))
  }

  /**
   * One read of the socket yields many HTTP chunks if the upstream writes one
   * event per chunk. They are joined within the same tick, so that scanning and
   * writing them costs as much as one chunk. The first chunk is passed on at
   * once, because its receiver may ask for a pause.
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
    this.#handOn()
    if (!this.#aborted) this.#receiver.fail(error)
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

function joinHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}
