import { createGateway, readLocalKey } from '@anthology/gateway'
import type { GatewayOptions } from '@anthology/gateway'
import { createEmulator } from '@anthology/emulator'
import { onTestFinished } from 'vitest'

import { temporaryFolder } from './temporary-folder.ts'

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly dataFolder: string
  readonly key: string
  close(): Promise<void>
}

export type ServerOptions = Partial<GatewayOptions> & {
  /** The emulator's speed; unlimited by default. */
  readonly tokensPerSecond?: number
}

/** Starts a gateway with the emulator on its own port and data folder; the end of the test closes it. */
export async function startServer({
  tokensPerSecond = 0,
  ...given
}: ServerOptions = {}): Promise<RunningServer> {
  const dataFolder = given.dataFolder ?? temporaryFolder()
  const key = readLocalKey(dataFolder)
  const emulator = createEmulator({ tokensPerSecond })
  const gateway = await createGateway({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
    keys: [{ id: 'local', name: 'local key', secret: key }],
    limits: { drainMs: 200 },
    ...given,
    dataFolder,
  })
  const { url, port } = await gateway.listen(0, '127.0.0.1')
  let closed: Promise<void> | null = null
  const close = () => (closed ??= gateway.close())
  onTestFinished(close)
  return { url, port, dataFolder, key, close }
}
