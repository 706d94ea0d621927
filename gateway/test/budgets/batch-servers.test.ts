import { afterAll, beforeAll, test } from 'vitest'

import { startProcess } from '../resources/start-process.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'
import { limitUsd, openSite } from './batch-site.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('a batch of a server counts once, whichever server restarts, is killed or settles it', async () => {
  const site = await open(await postgres.createDatabase(), 3)
  const [first, second, third] = site.servers
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are three')
  // The share of the second server is older than the next start of the first one.
  await site.create(second)
  const one = (await site.create(first)) ?? ''
  const two = (await site.create(first)) ?? ''

  await first.restart()
  await site.fill(third)
  await site.settle(second, one)
  await site.fill(third)
  await site.settle(second, two)
  await site.fill(first)

  const own = site.batches.filter(({ creator }) => creator === third).map(({ id }) => id)
  const [settledByOther = '', deletedByOther = '', settledWhileDown = '', canceled = ''] = own
  await site.settle(second, settledByOther)
  await site.fill(first)
  await site.settle(second, deletedByOther)
  await site.remove(second, deletedByOther)
  await site.fill(first)
  await third.kill()
  await site.settle(second, settledWhileDown)
  // The share of a killed server counts as spent, so nothing fits, and nothing is exceeded.
  await site.create(first, 'refused')
  await third.start()
  await site.fill(first)
  await site.settle(first, canceled, '{"custom_id":"item-0","result":{"type":"canceled"}}')
  await site.fill(second)
}, 180_000)

test('a batch of one server counts once, whether it is killed before or after the results, or while it asks for it', async () => {
  const site = await open('', 1)
  const [server] = site.servers
  if (server === undefined) throw new Error('there is one')
  await site.fill(server)
  const [before = '', after = '', expired = ''] = site.batches.map(({ id }) => id)

  await site.settle(server, before)
  await server.kill()
  await server.start()
  await site.fill(server)
  await site.settle(server, after)
  await site.fill(server)
  await site.settle(server, expired, '{"custom_id":"item-0","result":{"type":"expired"}}')
  await site.killWhileAsking(server)
  await server.start()
  await site.fill(server)
}, 180_000)

function open(store: string, servers: number) {
  const start = (dataFolder: string, upstreamUrl: string) =>
    startProcess(dataFolder, upstreamUrl, [store, limitUsd])
  return openSite({ store, servers, start })
}
