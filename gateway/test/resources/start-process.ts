import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { until } from '../condition.ts'
import { localKey } from '../running-gateway.ts'

export interface GatewayProcess {
  readonly url: string
  kill(): Promise<void>
}

/** A gateway in a process of its own, which ends with SIGKILL. `more` are a store and the limit of a budget. */
export async function startProcess(
  dataFolder: string,
  upstreamUrl: string,
  more: readonly string[] = [],
): Promise<GatewayProcess> {
  const file = join(import.meta.dirname, 'gateway-process.ts')
  const child = spawn(process.execPath, [file, dataFolder, upstreamUrl, localKey, ...more], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  let printed = ''
  child.stdout?.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  await until('it listens', () => printed.includes('\n'))
  return { url: printed.trim(), kill }
}
