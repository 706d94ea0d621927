import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Worker } from 'node:worker_threads'

import { rejectedCertificates, testCertificate } from '../../../gateway/test/port/certificate.ts'
import type { Fault } from './fault.ts'

/** Upstreams to which no connection is established, so they cannot bill anything. */
export const connectionFaults = {
  refused: unreached('connection refused'),
  'connect-hangs': unreached('a connection that is not accepted'),
  tls: unreached('TLS handshake fails'),
  'tls-hangs': unreached('TLS handshake without an end'),
  'self-signed': unreached('a certificate that nobody has signed'),
  expired: unreached('an expired certificate'),
  'other-host': unreached('a certificate for another host'),
} as const satisfies Record<string, Fault>

export type ConnectionFault = keyof typeof connectionFaults

function unreached(description: string): Fault {
  return { description, mayBill: false, moves: 'all', answer: null }
}

export interface UnreachableServers {
  readonly urls: Readonly<Record<ConnectionFault, string>>
  close(): Promise<void>
}

/** Starts a server for each of these faults. Until they are closed, this process trusts their certificates. */
export async function startUnreachableServers(): Promise<UnreachableServers> {
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, ...Object.values(rejectedCertificates)])
  const { certificate, key } = testCertificate
  const servers = {
    tls: createHttpServer(),
    'tls-hangs': createServer(),
    'self-signed': createSecureServer({ cert: certificate, key }),
    expired: createSecureServer({ cert: rejectedCertificates.expired, key }),
    'other-host': createSecureServer({ cert: rejectedCertificates.otherHost, key }),
  }
  const sockets: Socket[] = []
  const getUrl = async (server: Server): Promise<string> => {
    server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `https://127.0.0.1:${getPort(server)}`
  }
  const full = await startFullServer()
  return {
    urls: {
      // Nobody listens on this port; one that was free a moment ago may belong to another program by now.
      refused: 'http://127.0.0.1:1',
      'connect-hangs': `http://127.0.0.1:${full.port}`,
      tls: await getUrl(servers.tls),
      'tls-hangs': await getUrl(servers['tls-hangs']),
      'self-signed': await getUrl(servers['self-signed']),
      expired: await getUrl(servers.expired),
      'other-host': await getUrl(servers['other-host']),
    },
    close: async () => {
      setDefaultCACertificates(trusted)
      for (const socket of sockets) socket.destroy()
      for (const server of Object.values(servers)) server.close()
      await full.close()
    },
  }
}

/**
 * A port whose queue of connections is full: its thread listens and never accepts one, so the system answers no more
 * requests for a connection.
 */
async function startFullServer(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const worker = new Worker(new URL('unaccepting-thread.ts', import.meta.url))
  const [port] = (await once(worker, 'message')) as [number] // The thread sends this one message.
  const waiting: Socket[] = []
  for (let isConnected = true; isConnected;) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
    waiting.push(socket)
    isConnected = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => setTimeout(resolve, acceptMs, false)),
    ])
  }
  return {
    port,
    close: async () => {
      for (const socket of waiting) socket.destroy()
      await worker.terminate()
    },
  }
}

/** The system connects at once as long as the queue has room. */
const acceptMs = 500

function getPort(server: Server): number {
  // A listening TCP server has an address with a port.
  return (server.address() as AddressInfo).port
}
