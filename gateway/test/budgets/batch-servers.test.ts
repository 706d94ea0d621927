import { afterAll, beforeAll, expect, test } from 'vitest'

import { openStore } from '../../src/store/open-store.ts'
import { until } from '../condition.ts'
import { batchBody, sendRequest, succeeded } from '../resources/batches.ts'
import { startKeepingUpstream } from '../resources/keeping-upstream.ts'
import { startProcess } from '../resources/start-process.ts'
import type { GatewayProcess } from '../resources/start-process.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'

// Servers share a budget that has room for ten batches. After each event they create batches until one is refused; then
// the store must say that all amounts together are within the limit, and that the refused batch does not fit.

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('a batch of a server counts once, whichever server restarts, is killed or settles it', async () => {
  const site = await openSite(await postgres.createDatabase(), 3)
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

  const last = site.batches.filter(({ isSettled }) => !isSettled)
  for (const { id } of last) await site.settle(second, id)
  await site.fill(third)
}, 120_000)

test('a batch of one server counts once, whether it is killed before or after the results, or while it asks for it', async () => {
  const site = await openSite('', 1)
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
}, 60_000)

interface Server extends Omit<GatewayProcess, 'url'> {
  url: string
  readonly dataFolder: string
  start(): Promise<void>
  restart(): Promise<void>
}

interface CreatedBatch {
  readonly id: string
  readonly creator: Server
  isSettled: boolean
}

/** A batch holds 1,035,004 nano-dollars, and has cost 112,500. */
const limitUsd = '0.0105'

async function openSite(store: string, count: number) {
  const upstream = await startKeepingUpstream()
  const batches: CreatedBatch[] = []
  const servers: Server[] = []
  for (let number = 0; number < count; number += 1) servers.push(await openServer())

  async function openServer(): Promise<Server> {
    const dataFolder = temporaryFolder()
    let running: GatewayProcess
    const server: Server = {
      url: '',
      dataFolder,
      async start() {
        running = await startProcess(dataFolder, upstream.url, [store, limitUsd])
        server.url = running.url
      },
      kill: () => running.kill(),
      async restart() {
        await running.kill()
        await server.start()
      },
    }
    await server.start()
    return server
  }

  async function create(server: Server, wanted: 'created' | 'refused' = 'created'): Promise<string | null> {
    const answer = await sendRequest(server, 'POST', '/v1/messages/batches', { body: batchBody() })
    expect({ status: answer.status, text: answer.text }).toMatchObject({
      status: wanted === 'created' ? 200 : 429,
    })
    if (answer.status !== 200) return null
    const id = upstream.ids.at(-1) ?? ''
    batches.push({ id, creator: server, isSettled: false })
    return id
  }

  /** Creates batches until one is refused, and compares the store with the limit. */
  async function fill(server: Server): Promise<void> {
    for (;;) {
      const answer = await sendRequest(server, 'POST', '/v1/messages/batches', { body: batchBody() })
      if (answer.status === 429) break
      if (answer.status !== 200) throw new Error(answer.text)
      batches.push({ id: upstream.ids.at(-1) ?? '', creator: server, isSettled: false })
    }
    const counted = await readCounted()
    expect(counted.sum).toBeLessThanOrEqual(Number(limitUsd) * 1e9)
    expect(counted.sum + counted.hold).toBeGreaterThan(Number(limitUsd) * 1e9)
  }

  async function readCounted(): Promise<{ sum: number; hold: number }> {
    const database = await openStore({
      dataFolder: servers[0]?.dataFolder ?? '',
      ...(store !== '' && { store }),
    })
    const read = async (sql: string) => Number((await database.query(sql))[0]?.['value'] ?? 0)
    try {
      await until('the store has all batches', async () => {
        const stored = await read('SELECT count(*) AS value FROM resources')
        const open = await read(`SELECT count(*) AS value FROM resources WHERE ${unsettled}`)
        return stored === batches.length && open === batches.filter(({ isSettled }) => !isSettled).length
      })
      const held = await read(
        `SELECT CAST(sum(hold_nano_usd) AS BIGINT) AS value FROM resources WHERE ${unsettled}`,
      )
      const spent = await read('SELECT CAST(sum(cost_nano_usd) AS BIGINT) AS value FROM calls')
      return { sum: held + spent, hold: await read('SELECT max(hold_nano_usd) AS value FROM resources') }
    } finally {
      await database.close()
    }
  }

  async function settle(server: Server, id: string, result = succeeded('item-0', { input: 10, output: 1 })) {
    upstream.end(id, [`${result}\n`])
    const answer = await sendRequest(server, 'GET', `/v1/messages/batches/${id}/results`)
    expect(answer.status).toBe(200)
    const batch = batches.find((one) => one.id === id)
    if (batch !== undefined) batch.isSettled = true
    await readCounted()
  }

  /** Kills the server when the upstream has its request for a batch. */
  async function killWhileAsking(server: Server): Promise<void> {
    let isAsked = false
    upstream.before(/^POST/, async () => {
      if (isAsked) return
      isAsked = true
      await server.kill()
    })
    await expect(sendRequest(server, 'POST', '/v1/messages/batches', { body: batchBody() })).rejects.toThrow()
    batches.push({ id: '', creator: server, isSettled: false })
  }

  async function remove(server: Server, id: string): Promise<void> {
    expect((await sendRequest(server, 'DELETE', `/v1/messages/batches/${id}`)).status).toBe(200)
  }

  return { servers, batches, create, fill, settle, remove, killWhileAsking }
}

const unsettled = "kind <> 'file' AND settled_at_ms IS NULL"
