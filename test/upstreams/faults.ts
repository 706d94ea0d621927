import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import {
  describeError,
  encodeErrorEvent,
  encodeEvents,
  getStreamType,
  listEvents,
  printMessage,
} from './platform-answers.ts'
import type { UpstreamPlatform } from './platform-answers.ts'

/** A request that a faulty upstream answers. */
export interface FaultyRequest {
  readonly platform: UpstreamPlatform
  readonly stream: boolean
  readonly response: ServerResponse
  readonly socket: Socket
}

export interface Fault {
  readonly description: string
  /** The upstream may bill the request, although nobody gets its answer. */
  readonly mayBill: boolean
  /** Faults of streams only. */
  readonly streamOnly?: true
  /** Null: the upstream is not reached at all. */
  readonly answer: ((request: FaultyRequest) => void) | null
}

/** Every kind of failure, by the name that a request carries in its text. */
export const faults = {
  refused: unreached('connection refused'),
  tls: unreached('TLS handshake fails'),
  'status-401': fail(401),
  'status-403': fail(403),
  'status-404': fail(404),
  'status-408': fail(408, { mayBill: true }),
  'status-413': fail(413),
  'status-424': fail(424, { mayBill: true }),
  'status-429': fail(429),
  'status-429-later': fail(429, { name: '429 with retry-after', headers: { 'retry-after': '0' } }),
  'spend-429': fail(429, { name: '429 for a spending limit', text: 'Your spend limit is reached' }),
  'spend-402': fail(402),
  'spend-400': fail(400, { name: '400 for exhausted credit', text: 'Your credit balance is too low' }),
  'status-500': fail(500),
  'status-503': fail(503),
  'status-504': fail(504, { mayBill: true }),
  'status-529': fail(529),
  silence: { description: 'no answer in time', mayBill: true, answer: () => {} },
  reset: {
    description: 'reset before the head',
    mayBill: true,
    answer: ({ socket }) => socket.destroy(),
  },
  'reset-after-head': {
    description: 'reset after the head',
    mayBill: true,
    answer: (request) => {
      writeHead(request)
      request.response.write(request.stream ? '' : '{"id":"msg_01",')
      setImmediate(() => request.socket.destroy())
    },
  },
  'reset-late': {
    description: 'reset after the first content',
    mayBill: true,
    streamOnly: true,
    answer: (request) => {
      writeHead(request)
      request.response.write(encodeEvents(request.platform, listEvents('first').slice(0, 3)))
      setTimeout(() => request.socket.destroy(), separateMs)
    },
  },
  'error-early': inStream('error event before the first content', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 1)),
    encodeErrorEvent(platform),
  ]),
  'error-late': inStream('error event after the first content', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 3)),
    encodeErrorEvent(platform),
  ]),
  'cut-early': inStream('frame cut before the first content', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 1)).subarray(0, -20),
  ]),
  'cut-late': inStream('frame cut after the first content', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 3)),
    encodeEvents(platform, listEvents('first').slice(3, 4)).subarray(0, -20),
  ]),
  'corrupt-early': inStream('corrupt checksum or JSON before the first content', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 1)),
    corrupt(platform),
  ]),
  corrupt: inStream('corrupt checksum or JSON', (platform) => [
    encodeEvents(platform, listEvents('first').slice(0, 3)),
    corrupt(platform),
  ]),
  'silence-after-head': {
    description: 'silence after the head',
    mayBill: true,
    answer: (request) => {
      writeHead(request)
      request.response.write(request.stream ? '' : '{"id":"msg_01",')
    },
  },
  'silence-in-stream': {
    description: 'silence after the first content',
    mayBill: true,
    streamOnly: true,
    answer: (request) => {
      writeHead(request)
      request.response.write(encodeEvents(request.platform, listEvents('first').slice(0, 3)))
    },
  },
  page: {
    description: 'a web page with status 200',
    mayBill: true,
    answer: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html>Sign in</html>')
    },
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

export const faultNames = Object.keys(faults) as FaultName[] // The keys of the literal are exactly its type's.

/** The whole answer of a healthy upstream. */
export function answerWhole(request: FaultyRequest, upstream: string): void {
  writeHead(request)
  const { platform, stream, response } = request
  response.end(stream ? encodeEvents(platform, listEvents(upstream)) : printMessage(upstream))
}

function writeHead({ platform, stream, response }: FaultyRequest): void {
  response.writeHead(200, { 'content-type': stream ? getStreamType(platform) : 'application/json' })
  response.flushHeaders()
}

function unreached(description: string): Fault {
  return { description, mayBill: false, answer: null }
}

interface StatusOptions {
  readonly name?: string
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Default: false. */
  readonly mayBill?: boolean
}

function fail(
  status: number,
  { name = String(status), text = 'no', headers = {}, mayBill = false }: StatusOptions = {},
): Fault {
  return {
    description: name,
    mayBill,
    answer: ({ platform, response }) => {
      const { headers: own, body } = describeError(platform, status, text)
      response.writeHead(status, { 'content-type': 'application/json', ...own, ...headers })
      response.end(body)
    },
  }
}

function inStream(description: string, encode: (platform: UpstreamPlatform) => readonly Buffer[]): Fault {
  return {
    description,
    mayBill: true,
    streamOnly: true,
    answer: (request) => {
      writeHead(request)
      const [begun = empty, ...rest] = encode(request.platform)
      request.response.write(begun)
      // What follows arrives by itself, so the client has the events before it.
      setTimeout(() => request.response.end(Buffer.concat(rest)), separateMs)
    },
  }
}

const empty = Buffer.alloc(0)
const separateMs = 200

/** A frame with a wrong checksum, or, in text, an event that is not JSON. */
function corrupt(platform: UpstreamPlatform): Buffer {
  if (platform !== 'bedrock') return Buffer.from('event: content_block_delta\ndata: {not JSON}\n\n')
  const frame = encodeEvents(platform, listEvents('first').slice(3, 4))
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1
  return frame
}
