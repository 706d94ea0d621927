import { createServer } from 'node:net'

import { listen } from '../port/listen.ts'
import { GatewayError } from '../errors.ts'
import type { ClusterOptions } from './cluster.ts'

/**
 * With SO_REUSEPORT the kernel distributes the connections, and closes those of a
 * process that dies, so its clients notice. On other systems node:cluster
 * distributes them in turn, and a connection handed to a dying process stays open
 * forever.
 */
export const canReusePort = process.platform === 'linux' || process.platform === 'freebsd'

/** With SO_REUSEPORT a bind succeeds beside another server, so probe exclusively first; the fixed port also lets a replacement rebind. */
async function probePort({ port, host }: ClusterOptions): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, { port, host, scheme: 'http' })
  await new Promise((resolve) => probe.close(resolve))
  return found.port
}

/** Opens a server on a port that was free; again on another one if it chose the port and another process has taken it. */
export async function openOnPort<Opened>(
  options: ClusterOptions,
  open: (port: number) => Promise<Opened>,
): Promise<Opened> {
  for (let tries = 1; ; tries += 1)
    try {
      return await open(await probePort(options))
    } catch (error) {
      const isTaken = error instanceof GatewayError && error.code === 'address_in_use'
      if (!isTaken || options.port !== 0 || tries === maxTries) throw error
    }
}

const maxTries = 3
