// The floor: the cost of a proxy on Node that does nothing. It buffers a request, sends the same bytes on
// and copies the response.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

import { announce } from './announce.ts'

const pool = new Pool(process.argv[2] ?? '', { connections: null, pipelining: 1 })
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => forward(request, response, chunks))
})
server.listen(0, '127.0.0.1', () => announce(server))

/** Headers that apply to one connection only. */
const hopByHop = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding'])

function forward(request: IncomingMessage, response: ServerResponse, chunks: readonly Buffer[]): void {
  const [only] = chunks
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: 'POST',
      headers: withoutHops(request.headers),
      body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks),
    },
    new Passthrough(response),
  )
}

class Passthrough implements Dispatcher.DispatchHandler {
  #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#response.on('drain', () => controller.resume())
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('the client disconnected'))
    })
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#response.writeHead(status, withoutHops(headers))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.#response.end()
  }

  onResponseError(): void {
    this.#response.destroy()
  }
}

function withoutHops(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value
  }
  return kept
}
