import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { listenEmulatorSocket } from '@anthology/emulator'
import type { UpstreamConfig } from '@anthology/gateway'

import { createConfiguredEmulator } from './upstreams.ts'

/**
 * Emulators of a server with several processes: they run in the first one, and the others reach them by
 * sockets.
 */
export interface EmulatorSockets {
  /** By upstream index; null for an upstream that is not an emulator. */
  readonly sockets: readonly (string | null)[]
  close(): Promise<void>
}

export async function listenEmulators(
  upstreams: readonly UpstreamConfig[],
  parent = tmpdir(),
): Promise<EmulatorSockets> {
  await removeStale(parent)
  // Short, because a socket path is limited to about 100 characters; the folder is private.
  const folder = await mkdtemp(join(parent, prefix))
  const sockets: (string | null)[] = []
  const closers: (() => Promise<void>)[] = []
  for (const [index, upstream] of upstreams.entries()) {
    if (upstream.platform !== 'emulator') {
      sockets.push(null)
      continue
    }
    const emulator = createConfiguredEmulator(upstream)
    const path =
      process.platform === 'win32'
        ? `\\\\.\\pipe\\anthology-${process.pid}-${index}`
        : join(folder, `${index}.sock`)
    const server = await listenEmulatorSocket(emulator, path)
    sockets.push(path)
    closers.push(async () => {
      await server.close()
      emulator.close()
    })
  }
  return {
    sockets,
    async close() {
      for (const close of closers) await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const prefix = 'anthology-sockets-'

/** Removes sockets left behind by a killed server: a connection to one without a listener is refused. */
async function removeStale(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(prefix)) continue
    const folder = join(parent, name)
    // Sockets of other users are not readable, and can be ignored.
    const sockets = await readdir(folder).catch(() => [])
    const refused = await Promise.all(sockets.map((socket) => isRefused(join(folder, socket))))
    // An empty folder belongs to a server that is starting.
    if (refused.length > 0 && refused.every(Boolean)) await rm(folder, { recursive: true, force: true })
  }
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: Error & { code?: string }) => resolve(error.code === 'ECONNREFUSED'))
  })
}
