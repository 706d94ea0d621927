import { createServer, request as sendRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls'

import { onTestFinished } from 'vitest'

import { rejectedCertificates, testCertificate } from '../../port/certificate.ts'

/** A status that the proxy answers with, or a way to fail without one; null: it works. */
type ProxyFault = number | 'hang' | 'reset' | null

export interface ForwardProxy {
  readonly host: string
  /** The requests, as `CONNECT host:port` or `POST http://…`, and their `Proxy-Authorization`. */
  readonly seen: readonly { readonly request: string; readonly authorization: string | undefined }[]
  fail(fault: ProxyFault): void
}

/** Starts a proxy for HTTP and tunnels until the end of the test. `hosts`: where a tunnel to a name leads. */
export async function startForwardProxy(hosts: Readonly<Record<string, string>> = {}): Promise<ForwardProxy> {
  const seen: { request: string; authorization: string | undefined }[] = []
  let fault: ProxyFault = null
  const note = ({ method = '', url = '', headers }: IncomingMessage): void => {
    seen.push({ request: `${method} ${url}`, authorization: headers['proxy-authorization'] })
  }
  const server = createServer((request, response) => {
    note(request)
    if (typeof fault === 'number') response.writeHead(fault).end('an answer of the proxy')
    else forward(request, response)
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    note(request)
    if (fault === 'hang') return
    if (fault === 'reset') return void socket.destroy()
    if (fault !== null) return void socket.end(`HTTP/1.1 ${fault} No\r\ncontent-length: 0\r\n\r\n`)
    const target = new URL(`http://${hosts[request.url ?? ''] ?? request.url}`)
    const upstream = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      join(socket, upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  const port = await listen(server)
  return { host: `127.0.0.1:${port}`, seen, fail: (next) => void (fault = next) }
}

/** Passes a request with the whole URL on, without the credentials for the proxy. */
function forward(request: IncomingMessage, response: ServerResponse): void {
  const { 'proxy-authorization': _credentials, ...headers } = request.headers
  const { method } = request
  const sent = sendRequest(request.url ?? '', { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  sent.on('error', () => response.destroy())
  request.pipe(sent)
}

/** Puts TLS in front of an address until the end of the test. `other.example` has a certificate too. */
export async function startTls(url: string): Promise<{ readonly url: string; readonly host: string }> {
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, testCertificate.certificate, rejectedCertificates.otherHost])
  onTestFinished(() => setDefaultCACertificates(trusted))
  const { certificate: cert, key } = testCertificate
  const behind = new URL(url)
  const server = createTlsServer({ cert, key }, (socket) =>
    join(socket, connect(Number(behind.port), behind.hostname)),
  )
  server.addContext('other.example', { cert: rejectedCertificates.otherHost, key })
  const host = `127.0.0.1:${await listen(server)}`
  return { url: `https://${host}`, host }
}

/** The address of a server that has closed. */
export async function findClosedPort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => void sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  // A listening TCP server has an address with a port.
  return (server.address() as AddressInfo).port
}

function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy()).on('close', () => other.destroy())
  other.on('error', () => one.destroy()).on('close', () => one.destroy())
}
