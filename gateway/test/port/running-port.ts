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

/** The port keeps these counts too, and the tests check those. */
const unheard = { countApiError: () => {}, countLimit: () => {} }

/** A port on 127.0.0.1 with one handler, closed at the end of the test. */
export async function startPort(
  handler: Handler,
  { limits = {}, tls }: PortSetup = {},
): Promise<RunningPort> {
  const port = createPort({ ...defaultLimits, ...limits }, handler, { tls, telemetry: unheard })
  await new Promise<void>((resolve) => port.server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => port.close(0))
  // The address has this type because the server listens on a port.
  const { port: number } = port.server.address() as AddressInfo
  return { ...port, number, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${number}` }
}

/** Echoes method, path and body. */
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

/** An HTTP/2 client that writes its own frames, after preface and settings. */
export async function connectFrames(number: number) {
  const client = await connectRaw(number)
  client.write(preface)
  client.write(settings)
  return client
}
