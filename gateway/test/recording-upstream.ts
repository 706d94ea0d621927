import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** A request as the upstream received it. */
export interface RecordedRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly socket: Socket
  /** Responds later than the end of the script. */
  readonly response: ServerResponse
}

/** The upstream's behaviour: it gets the whole request, and may do anything with the response and its socket. */
export type Script = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>

export interface RecordingUpstream {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  answer(script: Script): void
}

/** An HTTP server that records requests and responds as scripted; closed at the end of the test. */
export async function startUpstream(first: Script): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = []
  let script = first
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        target: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks),
        socket: incoming.socket,
        response,
      }
      requests.push(request)
      void script(response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has this type of address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (next) => {
      script = next
    },
  }
}

/** A complete response in one write. */
export function plain(
  body: string | Uint8Array,
  options: { status?: number; headers?: Readonly<Record<string, string | string[]>> } = {},
): Script {
  return (response) => {
    response.writeHead(options.status ?? 200, { 'content-type': 'application/json', ...options.headers })
    response.end(body)
  }
}

/** A stream in the given chunks, each written in a separate turn of the event loop. */
export function stream(
  chunks: readonly (string | Uint8Array)[],
  headers: Readonly<Record<string, string>> = {},
): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })
    for (const chunk of chunks) await write(response, chunk)
    response.end()
  }
}

/** A stream that starts with the chunks and then stalls. */
export function openStream(chunks: readonly (string | Uint8Array)[]): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks) await write(response, chunk)
  }
}

/** Writes bytes to the socket, then destroys it. */
export function rawThenDeath(bytes: string | Uint8Array): Script {
  return (_, { socket }) => {
    if (bytes.length === 0) socket.destroy()
    else socket.end(bytes, () => socket.destroy())
  }
}

/** Never responds. */
export const hang: Script = () => {}

function write(response: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(chunk, () => setImmediate(resolve))
  })
}
