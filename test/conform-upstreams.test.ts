import { createEmulator, listenEmulator } from '@anthology/emulator'
import { createAccount, defaultLimits } from '@anthology/gateway'
import type { UpstreamConfig } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'

import { conformProtocols } from '../cli/src/conform/checks.ts'
import type { Row } from '../cli/src/conform/check.ts'
import { run } from '../cli/test/console.ts'
import { startServer } from '../cli/test/running-server.ts'
import { foreignName, startRenamingUpstream } from '../gateway/test/upstreams/renaming-upstream.ts'

// The contract of Claude Code does not depend on what is behind the gateway.

test.each(conformProtocols)(
  'holds for %s with a local model behind',
  { timeout: 60_000 },
  async (protocol) => {
    const { url } = await startRenamingUpstream()

    const failed = await findFailures(protocol, foreignName, {
      platform: 'anthropic',
      base_url: url,
      models: { '*': foreignName },
      price: 'free',
      context_tokens: 200_000,
      max_output_tokens: 32_000,
      count_tokens: false,
    })

    // This upstream collects its streams, which may show.
    expect(failed.filter((id) => !id.endsWith('.stream.incremental'))).toEqual([])
  },
)

const clouds = {
  vertex: (url: string) =>
    ({ platform: 'vertex', project: 'p', location: 'global', base_url: url, access_token: 'token' }) as const,
  foundry: (url: string) => ({ platform: 'foundry', base_url: `${url}/anthropic`, api_key: 'key' }) as const,
}

test.each([
  ['messages', 'vertex'],
  ['vertex', 'vertex'],
  ['messages', 'foundry'],
  ['bedrock', 'foundry'],
  ['vertex', 'foundry'],
] as const)('holds for %s with %s behind', { timeout: 60_000 }, async (protocol, platform) => {
  const emulator = createEmulator({ tokensPerSecond: 300 })
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())

  const failed = await findFailures(protocol, 'claude-haiku-4-5', clouds[platform](server.url))

  expect(failed).toEqual([])
})

/** The ids of the requirements that a gateway with this upstream does not meet. */
async function findFailures(
  protocol: string,
  model: string,
  config: Exclude<UpstreamConfig, { platform: 'emulator' }>,
): Promise<readonly string[]> {
  const { url, key } = await startServer({ accounts: [createAccount(config, defaultLimits)] })

  const { out } = await run([
    'conform',
    url,
    '--key',
    key,
    '--protocol',
    protocol,
    '--model',
    model,
    '--json',
  ])

  const { rows } = JSON.parse(out) as { rows: readonly Row[] }
  expect(rows.filter(({ result }) => result === 'passed').length).toBeGreaterThan(20)
  return rows.filter(({ result }) => result === 'failed').map(({ id }) => id)
}
