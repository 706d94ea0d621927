import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A network that can stop carrying bytes without closing a connection. */
export interface HangingProxy {
  readonly port: number
  /** Drops all bytes from now on. */
  hang(): void
  /** Closes all connections, and carries the bytes of new ones. */
  reset(): void
  close(): void
}

/** Forwards connections to a port of this machine. */
export async function startProxy(target: number): Promise<HangingProxy> {
  const sockets = new Set<Socket>()
  let hangs = false
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => !hangs && to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const reset = () => {
    hangs = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port, // It listens on TCP.
    hang: () => {
      hangs = true
    },
    reset,
    close() {
      reset()
      server.close()
    },
  }
}
