import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { listenEmulatorSocket } from '@anthology/emulator'
import type { UpstreamConfig } from '@anthology/gateway'

import { createConfiguredEmulator } from './upstreams.ts'

/** The emulators of a server of several processes: they run in the first one, and the others reach them by sockets. */
export interface EmulatorSockets {
  /** By the place among the upstreams; null where another one stands. */
  readonly sockets: readonly (string | null)[]
  close(): Promise<void>
}

export async function listenEmulators(
  upstreams: readonly UpstreamConfig[],
  parent = tmpdir(),
): Promise<EmulatorSockets> {
  await removeStale(parent)
  // Short, because a socket's path may have about a hundred letters; the folder is nobody else's.
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

/** A server that was killed leaves its sockets behind; one that nobody listens at refuses whoever connects. */
async function removeStale(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(prefix)) continue
    const folder = join(parent, name)
    // Those of other users cannot be read, and need not be.
    const sockets = await readdir(folder).catch(() => [])
    const refused = await Promise.all(sockets.map((socket) => isRefused(join(folder, socket))))
    // An empty one belongs to a server that begins.
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
