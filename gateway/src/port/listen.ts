import type { AddressInfo, Server } from 'node:net'

import { GatewayError } from '../errors.ts'

export interface ListenAddress {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  readonly scheme: 'http' | 'https'
  /** Other processes listen on it as well. */
  readonly reusePort?: boolean
}

/** Makes a server listen; a port in use is told as such. */
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
      // From now on an error is that of one connection which could not be accepted; the next one may be.
      server.off('error', fail).on('error', () => {})
      // A server that listens on a port, and not on a pipe, has an address of this type.
      const bound = server.address() as AddressInfo
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
      resolve({ url: `${address.scheme}://${name}:${bound.port}`, port: bound.port })
    })
  })
}
