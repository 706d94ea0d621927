import type { AddressInfo, Server } from 'node:net'

import { GatewayError } from '../errors.ts'

export interface ListenAddress {
  /** 0 selects any free port. */
  readonly port: number
  readonly host: string
  readonly scheme: 'http' | 'https'
  /** Lets other processes listen on the same port. */
  readonly reusePort?: boolean
}

/** Makes a server listen; rejects with `address_in_use` if the port is taken. */
export function listen(server: Server, address: ListenAddress): Promise<{ url: string; port: number }> {
  const { port, host } = address
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { code?: string }): void => {
      const busy = error.code === 'EADDRINUSE'
      reject(
        busy
          ? new GatewayError('address_in_use', `port ${port} on ${host} is in use`, { cause: error })
          : error,
      )
    }
    server.once('error', fail)
    server.listen(address, () => {
      // From now on an error means that one connection could not be accepted; the server goes on.
      server.off('error', fail).on('error', () => {})
      // The address has this type because the server listens on a port and not on a pipe.
      const bound = server.address() as AddressInfo
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
      resolve({ url: `${address.scheme}://${name}:${bound.port}`, port: bound.port })
    })
  })
}
