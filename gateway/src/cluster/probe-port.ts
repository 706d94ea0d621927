import { createServer } from 'node:net'

import { listen } from '../port/listen.ts'
import type { ClusterOptions } from './cluster.ts'

/**
 * With SO_REUSEPORT the kernel distributes the connections, and closes those of a
 * process that dies, so its clients notice. On other systems node:cluster
 * distributes them in turn, and a connection handed to a dying process stays open
 * forever.
 */
export const canReusePort = process.platform === 'linux' || process.platform === 'freebsd'

/** With SO_REUSEPORT a bind succeeds beside another server, so probe exclusively first; the fixed port also lets a replacement rebind. */
export async function probePort({ port, host }: ClusterOptions): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, { port, host, scheme: 'http' })
  await new Promise((resolve) => probe.close(resolve))
  return found.port
}
