import { createServer, request as sendRequest } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createInvokeStreamDecoder, createInvokeStreamEncoder } from '@anthology/wire'
import { onTestFinished } from 'vitest'

/** A request on its way to the gateway. */
export interface PassedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface PassedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** One fault of a gateway: what it changes of requests and answers, or the answer that it gives by itself. */
export interface Fault {
  readonly change?: (request: PassedRequest) => PassedRequest
  readonly reject?: (request: PassedRequest) => PassedAnswer | null
  readonly spoil?: (answer: PassedAnswer, request: PassedRequest) => PassedAnswer
}

/** Starts a server in front of a gateway that has one fault; it collects every answer. Closed at the end of the test. */
export async function startBrokenGateway(gatewayUrl: string, fault: Fault): Promise<string> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { 'accept-encoding': _, ...headers } = incoming.headers
      const request: PassedRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString(),
      }
      void sendAnswer(response, answerBroken(gatewayUrl, request, fault))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // The address has this type because the server listens on a port.
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

async function sendAnswer(response: ServerResponse, answering: Promise<PassedAnswer>): Promise<void> {
  const { status, headers, body } = await answering
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = headers
  response.writeHead(status, kept)
  response.end(body)
}

async function answerBroken(url: string, request: PassedRequest, fault: Fault): Promise<PassedAnswer> {
  const rejected = fault.reject?.(request) ?? null
  if (rejected !== null) return rejected
  const changed = fault.change?.(request) ?? request
  const answer = await pass(url, changed)
  return fault.spoil?.(answer, request) ?? answer
}

/** Keeps the host, which a signature covers. */
function pass(url: string, { method, path, headers, body }: PassedRequest): Promise<PassedAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const { 'content-length': _, ...kept } = headers
    const sent = sendRequest(
      { host: hostname, port, method, path, headers: kept, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const all = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(all),
            body: Buffer.concat(chunks),
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

type Json = Record<string, unknown>

/** Changes the JSON of answers with this status. */
export function spoilJson(status: number, change: (value: Json) => unknown): Fault {
  return {
    spoil: (answer) =>
      answer.status === status && /json/.test(answer.headers['content-type'] ?? '')
        ? { ...answer, body: Buffer.from(JSON.stringify(change(JSON.parse(answer.body.toString()) as Json))) }
        : answer,
  }
}

/** Changes each event of a stream, in SSE or in Bedrock's framing; null leaves it out. */
export function spoilEvents(change: (event: Json) => Json | null): Fault {
  return {
    spoil: (answer) => {
      const type = answer.headers['content-type'] ?? ''
      if (type.startsWith('text/event-stream')) return { ...answer, body: spoilSse(answer.body, change) }
      return type.includes('eventstream') ? { ...answer, body: spoilFrames(answer.body, change) } : answer
    },
  }
}

function spoilSse(body: Buffer, change: (event: Json) => Json | null): Buffer {
  const frames = body
    .toString()
    .split('\n\n')
    .filter((frame) => frame.includes('data:'))
  const spoiled = frames.map((frame) => {
    const data = /^data: ?(.*)$/m.exec(frame)?.[1] ?? '{}'
    const event = change(JSON.parse(data) as Json)
    return event === null ? '' : `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`
  })
  return Buffer.from(spoiled.join(''))
}

function spoilFrames(body: Buffer, change: (event: Json) => Json | null): Buffer {
  const encoder = createInvokeStreamEncoder()
  const frames = createInvokeStreamDecoder()
    .push(body)
    .flatMap((event) => {
      if (event.kind !== 'event') return []
      const changed = change(JSON.parse(Buffer.from(event.json).toString()) as Json)
      return changed === null ? [] : [encoder.event(Buffer.from(JSON.stringify(changed)))]
    })
  return Buffer.concat(frames)
}

/** Rejects the requests to which the condition applies. */
export function rejectIf(applies: (request: PassedRequest) => boolean, status: number, body = '{}'): Fault {
  const answer = { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }
  return { reject: (request) => (applies(request) ? answer : null) }
}
