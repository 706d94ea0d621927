import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** The part of a request that the gateway reads; Node's own requests satisfy it. */
export interface ClientRequest extends Readable {
  readonly headers: IncomingHttpHeaders
  readonly method?: string | undefined
  /** The raw path with its query. */
  readonly url?: string | undefined
  readonly httpVersion: string
  /** The whole body was received. */
  readonly complete: boolean
  readonly socket: Socket
}

/** The part of a response that the gateway uses, in every version of HTTP. */
export interface ClientResponse {
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly writableFinished: boolean
  setHeader(name: string, value: string | number): unknown
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown
  flushHeaders(): void
  /** False: wait for `drain` before the next write. */
  write(bytes: Uint8Array): boolean
  end(bytes?: Uint8Array): unknown
  destroy(error?: Error): unknown
  on(event: ResponseEvent, listener: () => void): unknown
  once(event: ResponseEvent, listener: () => void): unknown
  off(event: ResponseEvent, listener: () => void): unknown
}

export type ResponseEvent = 'close' | 'drain' | 'finish'

/** A request with its response, and the id of both in headers, log and ledger. */
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
