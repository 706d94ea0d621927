import type { AddressInfo, Server } from 'node:net'

import { GatewayError } from '../errors.ts'

export interface ListenAddress {
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  readonly scheme: 'http' | 'https'
  /** Other processes listen on the same port. */
  readonly reusePort?: boolean
}

export interface BoundAddress {
  readonly url: string
  readonly port: number
  /** The IP address. */
  readonly address: string
}

/** Starts listening; rejects with `address_in_use` if the port is taken. */
export function listen(server: Server, address: ListenAddress): Promise<BoundAddress> {
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
      // Later errors concern a single connection that could not be accepted; the server keeps running.
      server.off('error', fail).on('error', () => {})
      // A server that listens on a port (not a pipe) has an AddressInfo.
      const bound = server.address() as AddressInfo
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
      resolve({
        url: `${address.scheme}://${name}:${bound.port}`,
        port: bound.port,
        address: bound.address,
      })
    })
  })
}
