import { mkdtemp, rm } from 'node:fs/promises'
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

export async function listenEmulators(upstreams: readonly UpstreamConfig[]): Promise<EmulatorSockets> {
  // Short, because a socket's path may have about a hundred letters; the folder is nobody else's.
  const folder = await mkdtemp(join(tmpdir(), 'anthology-'))
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
