import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import {
  describeError,
  encodeErrorEvent,
  encodeEvents,
  getStreamType,
  listEvents,
  printMessage,
} from '../platform-answers.ts'
import type { FaultUpstream } from './upstreams.ts'
import { faultUpstreams } from './upstreams.ts'

/** A request that a faulty upstream answers. */
export interface FaultyRequest {
  readonly upstream: FaultUpstream
  readonly stream: boolean
  readonly response: ServerResponse
  readonly socket: Socket
  /** The time of the gateway. */
  readonly nowMs: number
}

export interface Fault {
  readonly description: string
  /** The upstream may bill the request, although nobody gets its answer. */
  readonly mayBill: boolean
  /** The upstream has reported the whole usage of an answer that nobody gets whole. */
  readonly reportsUsage?: true
  /** The requests that it concerns; default: both. */
  readonly only?: 'plain' | 'stream'
  /** The requests that move to another upstream. */
  readonly moves: Requests
  /** The requests that are answered all the same; default: none. */
  readonly answers?: Requests
  /** Null: the upstream is not reached at all. */
  readonly answer: ((request: FaultyRequest) => void) | null
}

export type Requests = 'all' | 'stream' | 'none'

export function matches(requests: Requests | undefined, { stream }: { readonly stream: boolean }): boolean {
  return requests === 'all' || (requests === 'stream' && stream)
}

/** The whole answer of a healthy upstream. */
export function answerWhole(request: FaultyRequest, name: string): void {
  writeHead(request)
  request.response.end(encodeWhole(request, name))
}

export function encodeWhole({ upstream, stream }: FaultyRequest, name = 'first'): Buffer {
  return stream ? encodeSome(upstream, 0, 6, name) : Buffer.from(printMessage(name))
}

/** Encodes the events from `start` to before `end`, of six. The first content is in the third, the usage in the fifth. */
export function encodeSome(upstream: FaultUpstream, start: number, end: number, name = 'first'): Buffer {
  return encodeEvents(faultUpstreams[upstream].format, listEvents(name).slice(start, end))
}

export function encodeError(upstream: FaultUpstream): Buffer {
  return encodeErrorEvent(faultUpstreams[upstream].format)
}

export function describeFaultError(upstream: FaultUpstream, status: number, text: string) {
  return describeError(faultUpstreams[upstream].errors, status, text)
}

export function getType({ upstream, stream }: Pick<FaultyRequest, 'upstream' | 'stream'>): string {
  return stream ? getStreamType(faultUpstreams[upstream].format) : 'application/json'
}

export function writeHead(request: FaultyRequest, headers: Readonly<Record<string, string>> = {}): void {
  request.response.writeHead(200, { 'content-type': getType(request), ...headers })
  request.response.flushHeaders()
}

/** Sends two parts that arrive by themselves, so the gateway has passed on the first when it reads the second. */
export function writeApart(
  { response }: Pick<FaultyRequest, 'response'>,
  first: Buffer,
  next: () => void,
): void {
  response.write(first)
  setTimeout(next, separateMs)
}

const separateMs = 200
