import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** The part of a request that the gateway uses; satisfied by Node's HTTP/1.1 requests and by our HTTP/2 ones. */
export interface ClientRequest extends Readable {
  readonly headers: IncomingHttpHeaders
  readonly method?: string | undefined
  /** The raw path with its query. */
  readonly url?: string | undefined
  readonly httpVersion: string
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[]
  /** The whole body has been received. */
  readonly complete: boolean
  readonly socket: Socket
}

/** The part of a response that the gateway uses, for HTTP/1.1 and HTTP/2. */
export interface ClientResponse {
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly writableFinished: boolean
  setHeader(name: string, value: string | number): unknown
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown
  flushHeaders(): void
  /** False: wait for `drain` before writing more. */
  write(bytes: Uint8Array): boolean
  end(bytes?: Uint8Array): unknown
  destroy(error?: Error): unknown
  on(event: ResponseEvent, listener: () => void): unknown
  once(event: ResponseEvent, listener: () => void): unknown
  off(event: ResponseEvent, listener: () => void): unknown
}

export type ResponseEvent = 'close' | 'drain' | 'finish'

/** A request, its response, and their id in headers, log and ledger. */
export interface ClientExchange {
  readonly id: string
  readonly request: ClientRequest
  readonly response: ClientResponse
}

export type Handler = (request: ClientRequest, response: ClientResponse) => void

export interface BufferedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
