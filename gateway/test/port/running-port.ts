import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import type { Limits } from '../../src/limits.ts'
import { createPort } from '../../src/port/port.ts'
import type { Port } from '../../src/port/port.ts'
import type { Handler } from '../../src/http/client-exchange.ts'
import type { Certificate } from '../../src/port/tls-layer.ts'
import { connectRaw } from '../raw-client.ts'
import { preface, settings } from './http2-frames.ts'

export interface RunningPort extends Port {
  readonly number: number
  readonly url: string
}

export interface PortSetup {
  readonly limits?: Partial<Limits>
  readonly tls?: Certificate
}

/** Counted by the port itself as well, which is what these tests look at. */
const unheard = { countApiError: () => {}, countLimit: () => {} }

/** A port on 127.0.0.1 with one handler; the end of the test closes it. */
export async function startPort(
  handler: Handler,
  { limits = {}, tls }: PortSetup = {},
): Promise<RunningPort> {
  const port = createPort({ ...defaultLimits, ...limits }, handler, { tls, telemetry: unheard })
  await new Promise<void>((resolve) => port.server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => port.close(0))
  // A server that listens on a port has an address of this type.
  const { port: number } = port.server.address() as AddressInfo
  return { ...port, number, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${number}` }
}

/** Answers with what was asked: method, path, body. */
export const echo: Handler = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('error', () => {})
  request.once('end', () => {
    const body = Buffer.concat(chunks).toString()
    response.writeHead(200, { 'content-type': 'text/plain', connection: 'keep-alive' })
    response.end(Buffer.from(`HTTP/${request.httpVersion} ${request.method} ${request.url} ${body}`))
  })
}

/** A client of HTTP/2 that writes its frames itself, behind preface and settings. */
export async function connectFrames(number: number) {
  const client = await connectRaw(number)
  client.write(preface)
  client.write(settings)
  return client
}
