import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** What the gateway reads of a request; Node's own objects are this, those of HTTP/2 as well. */
export interface ClientRequest extends Readable {
  readonly headers: IncomingHttpHeaders
  readonly method?: string | undefined
  /** The raw path with its query. */
  readonly url?: string | undefined
  readonly httpVersion: string
  /** The whole body has come. */
  readonly complete: boolean
  readonly socket: Socket
}

/** What the gateway does with a response, in every version of HTTP. */
export interface ClientResponse {
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly writableFinished: boolean
  setHeader(name: string, value: string | number): unknown
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown
  flushHeaders(): void
  /** False asks to wait for `drain`. */
  write(bytes: Uint8Array): boolean
  end(bytes?: Uint8Array): unknown
  destroy(error?: Error): unknown
  on(event: ResponseEvent, listener: () => void): unknown
  once(event: ResponseEvent, listener: () => void): unknown
  off(event: ResponseEvent, listener: () => void): unknown
}

export type ResponseEvent = 'close' | 'drain' | 'finish'

/** A request with its answer, and the id that both have in headers, log and ledger. */
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
