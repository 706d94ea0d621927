import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

import { expect, test } from 'vitest'

import { limitUsd, openSite } from '../gateway/test/budgets/batch-site.ts'
import { until } from '../gateway/test/condition.ts'
import { listWorkers, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

test('a batch of a worker counts once, also when the worker or its server is killed', async () => {
  let running: ServerProcess | null = null
  const site = await openSite({
    store: '',
    servers: 1,
    async start(dataFolder, upstreamUrl) {
      const config = join(dataFolder, 'anthology.yaml')
      writeFileSync(
        config,
        `upstreams: [{ name: recorder, platform: anthropic, base_url: "${upstreamUrl}", api_key: a-key }]
budgets: [{ scope: organization, limit: "${limitUsd}", window: total }]
`,
      )
      const started = await startServer(dataFolder, ['--config', config, '--quiet', '--workers', '2'])
      running = started
      return { url: started.url, key: started.key, kill: async () => void (await started.kill('SIGKILL')) }
    },
  })
  const [server] = site.servers
  if (server === undefined) throw new Error('there is one')
  const killWorkers = async () => {
    const workers = running === null ? [] : listWorkers(running)
    for (const worker of workers) process.kill(worker, 'SIGKILL')
    await until('others have started', () => {
      const now = running === null ? [] : listWorkers(running)
      return now.length === workers.length && now.every((worker) => !workers.includes(worker))
    })
    await until('they serve', async () =>
      fetch(`${server.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  }

  await site.fill(server)
  const [first = '', second = '', third = ''] = site.batches.map(({ id }) => id)
  await killWorkers()
  await site.fillAfterKill(server)
  await site.settle(server, first)
  await site.fill(server)
  await site.settle(server, second)
  await killWorkers()
  await site.fillAfterKill(server)
  await server.kill()
  await server.start()
  await site.settle(server, third)
  await site.fill(server)

  expect(site.batches.length).toBeGreaterThan(10)
}, 180_000)
