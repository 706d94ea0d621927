import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

import { onTestFinished, vi } from 'vitest'

import { testCertificate } from '../../port/certificate.ts'

/** A request to a credential server, with its body as text. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface CredentialServer {
  readonly url: string
  readonly seen: readonly SeenRequest[]
}

/** Starts a token or metadata server on this machine until the end of the test. */
export function startServer(answer: (request: SeenRequest) => Answer): Promise<CredentialServer> {
  return listen('http', answer, (listener) => createServer(listener))
}

/** The same with TLS; this process accepts its certificate until the end of the test. */
export function startSecureServer(answer: (request: SeenRequest) => Answer): Promise<CredentialServer> {
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, testCertificate.certificate])
  onTestFinished(() => setDefaultCACertificates(trusted))
  const { certificate: cert, key } = testCertificate
  return listen('https', answer, (listener) => createSecureServer({ cert, key }, listener))
}

async function listen(
  scheme: 'http' | 'https',
  answer: (request: SeenRequest) => Answer,
  create: (listener: RequestListener) => Server,
): Promise<CredentialServer> {
  const seen: SeenRequest[] = []
  const server = create((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const read = { method, path, headers, body: Buffer.concat(pieces).toString() }
      seen.push(read)
      const { status = 200, headers: own = {}, body } = answer(read)
      response.writeHead(status, own).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return { url: `${scheme}://127.0.0.1:${port}`, seen }
}

/** Hides the credentials of this machine from the vendors' libraries, and gives them other ones, until the end of the test. */
export function useEnvironment(own: Readonly<Record<string, string>>): void {
  const hidden = Object.keys(process.env).filter((name) =>
    /^(?:AWS|GOOGLE|GCLOUD|GCE|AZURE|IDENTITY|MSI)_/i.test(name),
  )
  for (const name of hidden) vi.stubEnv(name, undefined)
  const nowhere = { AWS_CONFIG_FILE: '/nowhere/config', AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials' }
  const unreachable = { AWS_EC2_METADATA_DISABLED: 'true', CLOUDSDK_CONFIG: '/nowhere', HOME: '/nowhere' }
  for (const [name, value] of Object.entries({ ...nowhere, ...unreachable, ...own })) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

/** A clock that a test moves. */
export function createClock(startMs = Date.now()): {
  readonly nowMs: () => number
  advance(byMs: number): void
} {
  let now = startMs
  return { nowMs: () => now, advance: (byMs) => void (now += byMs) }
}
