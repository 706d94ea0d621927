import { expect, onTestFinished } from 'vitest'

import { openStore } from '../../src/store/open-store.ts'
import { until } from '../condition.ts'
import { batchBody, sendRequest, succeeded } from '../resources/batches.ts'
import { startKeepingUpstream } from '../resources/keeping-upstream.ts'
import { temporaryFolder } from '../running-gateway.ts'

// Servers that share a budget with room for ten batches. After an event they create batches until one is refused; then
// the store must say that all amounts together are within the limit, and that the refused batch does not fit.

/** A server in a process of its own. */
export interface StartedServer {
  readonly url: string
  /** A key that may create batches. */
  readonly key?: string
  kill(): Promise<void>
}

export interface Server {
  url: string
  key: string | undefined
  kill(): Promise<void>
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
export const limitUsd = '0.0105'

export interface SiteOptions {
  /** The URL of PostgreSQL; empty: SQLite. */
  readonly store: string
  readonly servers: number
  readonly start: (dataFolder: string, upstreamUrl: string) => Promise<StartedServer>
}

export async function openSite({ store, servers: count, start }: SiteOptions) {
  const upstream = await startKeepingUpstream()
  const batches: CreatedBatch[] = []
  const servers: Server[] = []
  for (let number = 0; number < count; number += 1) servers.push(await openServer())
  const database = await openStore({
    dataFolder: servers[0]?.dataFolder ?? '',
    ...(store !== '' && { store }),
  })
  onTestFinished(() => database.close())

  async function openServer(): Promise<Server> {
    const dataFolder = temporaryFolder()
    let running: StartedServer
    const server: Server = {
      url: '',
      key: undefined,
      dataFolder,
      async start() {
        running = await start(dataFolder, upstream.url)
        server.url = running.url
        server.key = running.key
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
    const answer = await ask(server, 'POST', '', batchBody())
    expect({ status: answer.status, text: answer.text }).toMatchObject({
      status: wanted === 'created' ? 200 : 429,
    })
    if (answer.status !== 200) return null
    const id = upstream.ids.at(-1) ?? ''
    batches.push({ id, creator: server, isSettled: false })
    return id
  }

  /** Creates batches until one is refused. */
  async function createAll(server: Server): Promise<void> {
    for (;;) {
      const answer = await ask(server, 'POST', '', batchBody())
      if (answer.status === 429) return
      if (answer.status !== 200) throw new Error(answer.text)
      batches.push({ id: upstream.ids.at(-1) ?? '', creator: server, isSettled: false })
    }
  }

  /** Creates batches until one is refused, and compares the store with the limit. */
  async function fill(server: Server): Promise<void> {
    await createAll(server)
    const counted = await readCounted()
    expect(counted.sum).toBeLessThanOrEqual(Number(limitUsd) * 1e9)
    expect(counted.sum + counted.hold).toBeGreaterThan(Number(limitUsd) * 1e9)
  }

  /** As `fill`, but what a process had that was killed just now may count as spent for a while. */
  async function fillAfterKill(server: Server): Promise<void> {
    await until('its rows take the place of its shares', async () => {
      await createAll(server)
      const counted = await readCounted()
      return counted.sum + counted.hold > Number(limitUsd) * 1e9
    })
    await fill(server)
  }

  async function readCounted(): Promise<{ sum: number; hold: number }> {
    const read = async (sql: string) => Number((await database.query(sql))[0]?.['value'] ?? 0)
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
  }

  async function settle(server: Server, id: string, result = succeeded('item-0', { input: 10, output: 1 })) {
    upstream.end(id, [`${result}\n`])
    const answer = await ask(server, 'GET', `/${id}/results`)
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
    expect((await ask(server, 'DELETE', `/${id}`)).status).toBe(200)
  }

  return { servers, batches, create, fill, fillAfterKill, settle, remove, killWhileAsking }
}

function ask({ url, key }: Server, method: string, path: string, body?: string) {
  const asking = { ...(body !== undefined && { body }), ...(key !== undefined && { key }) }
  return sendRequest({ url }, method, `/v1/messages/batches${path}`, asking)
}

const unsettled = "kind <> 'file' AND settled_at_ms IS NULL"
