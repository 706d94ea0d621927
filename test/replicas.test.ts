import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@anthology/gateway'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { startPostgres } from '../gateway/test/store/running-postgres.ts'
import type { RunningPostgres } from '../gateway/test/store/running-postgres.ts'
import { runAnthology, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('two of three servers on a PostgreSQL are killed under load, and no answered call is lost', async () => {
  const url = await postgres.createDatabase()
  const folders = [createFolder(), createFolder(), createFolder()]
  const key = await createKey(url)
  const servers = await Promise.all(folders.map((folder) => start(folder, url)))
  const answered = new Set<string>()
  const begun = new Set<string>()

  const [first, second] = servers
  let isKilled = false
  const load = runLoad(servers, { key, answered, begun, enough: () => isKilled && answered.size >= 600 })
  await expect.poll(() => answered.size).toBeGreaterThan(200)
  await Promise.all([first?.kill('SIGKILL'), second?.kill('SIGKILL')])
  isKilled = true
  await load
  // One starts again; the other one's journal is stored without it.
  const again = await start(folders[0] ?? '', url)
  await runAnthology(['store', 'replay', folders[1] ?? '', '--store', url], tmpdir())
  await Promise.all([again, ...servers.slice(2)].map((server) => server.close()))

  const outcomes = await readOutcomes(url)
  expect([...answered].filter((id) => outcomes.get(id) !== 'answered')).toEqual([])
  expect([...begun].filter((id) => !outcomes.has(id))).toEqual([])
  expect(await readTotals(url)).toMatchObject({ missing: 0n })
})

test('a key works at every server within a second after it was created, and at none after it was revoked', async () => {
  const url = await postgres.createDatabase()
  const servers = await Promise.all([start(createFolder(), url), start(createFolder(), url)])

  const key = await createKey(url)
  const before = await Promise.all(servers.map((server) => send(server, key)))
  await runAnthology(['keys', 'revoke', 'ci', '--store', url], tmpdir())
  const revokedAtMs = performance.now()
  const rejected = servers.map((server) =>
    expect.poll(async () => (await send(server, key)).status, { interval: 20 }).toBe(401),
  )
  await Promise.all(rejected)

  expect(before.map(({ status }) => status)).toEqual([200, 200])
  expect(performance.now() - revokedAtMs).toBeLessThan(10_000)
  await Promise.all(servers.map((server) => server.close()))
})

test('PostgreSQL is stopped under load: calls are answered, nothing is lost, and the log names the next step', async () => {
  const url = await postgres.createDatabase()
  const key = await createKey(url)
  const server = await start(createFolder(), url)
  const answered = new Set<string>()
  let isOver = false
  const load = runLoad([server], { key, answered, begun: new Set(), enough: () => isOver })
  await expect.poll(() => answered.size).toBeGreaterThan(100)

  await postgres.stop()
  const whenStopped = answered.size
  await expect.poll(() => answered.size).toBeGreaterThan(whenStopped + 100)
  await expect.poll(() => server.errors()).toContain('cannot be reached')
  await postgres.start()
  const whenBack = answered.size
  await expect.poll(() => answered.size).toBeGreaterThan(whenBack + 100)
  isOver = true
  await load
  await server.close()

  const outcomes = await readOutcomes(url)
  expect([...answered].filter((id) => outcomes.get(id) !== 'answered')).toEqual([])
  expect(server.errors()).toContain('check that PostgreSQL runs')
  expect(server.errors()).not.toContain('a-password-of-tests')
})

test('the connection to PostgreSQL is cut without an end: calls are answered, and nothing is lost', async () => {
  const proxy = await startProxy(postgres.port)
  const direct = await postgres.createDatabase()
  const key = await createKey(direct)
  const server = await start(createFolder(), direct.replace(`:${postgres.port}/`, `:${proxy.port}/`))
  const answered = new Set<string>()
  let isOver = false
  const load = runLoad([server], { key, answered, begun: new Set(), enough: () => isOver })
  await expect.poll(() => answered.size).toBeGreaterThan(100)

  proxy.hang()
  const whenCut = answered.size
  await expect.poll(() => answered.size).toBeGreaterThan(whenCut + 100)
  proxy.reset()
  isOver = true
  await load
  await server.close()

  const outcomes = await readOutcomes(direct)
  expect([...answered].filter((id) => outcomes.get(id) !== 'answered')).toEqual([])
  proxy.close()
})

test('a key has one rate limit at all servers and their workers together', async () => {
  const url = await postgres.createDatabase()
  const key = await createKey(url)
  const folders = [createFolder(), createFolder()]
  for (const folder of folders)
    writeFileSync(join(folder, 'anthology.yaml'), 'rates: { keys: { ci: { requests_per_minute: 40 } } }\n')
  const servers = await Promise.all(folders.map((folder, index) => start(folder, url, String(index + 1))))

  const statuses: number[] = []
  await Promise.all(
    Array.from({ length: 8 }, async (_, client) => {
      for (let call = 0; call < 15; call += 1) statuses.push((await send(servers[client % 2], key)).status)
    }),
  )
  await Promise.all(servers.map((server) => server.close()))

  // Calls that a window of a minute has forgotten again are none: all of them run within seconds.
  expect(statuses.filter((status) => status === 200).length).toBe(40)
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
})

test('with durability store an answer ends after its row is in PostgreSQL', async () => {
  const url = await postgres.createDatabase()
  const key = await createKey(url)
  const folder = createFolder()
  writeFileSync(join(folder, 'anthology.yaml'), 'durability: store\n')
  const server = await start(folder, url)

  const answered = []
  for (let call = 0; call < 10; call += 1) {
    const { id } = await send(server, key, { stream: call % 2 === 0 })
    answered.push((await readOutcomes(url)).get(id))
  }
  await server.close()

  expect(answered).toEqual(answered.map(() => 'answered'))
})

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-replica-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function start(folder: string, url: string, workers = '1'): Promise<ServerProcess> {
  return startServer(folder, ['--store', url, '--quiet', '--workers', workers])
}

async function createKey(url: string): Promise<string> {
  const made = await runAnthology(['keys', 'create', '--name', 'ci', '--store', url], tmpdir())
  return (made as { key: string }).key // Printed by `keys create --json`.
}

interface Load {
  readonly key: string
  readonly answered: Set<string>
  readonly begun: Set<string>
  readonly enough: () => boolean
}

/** Keeps four calls running at each server, every second one a stream. A server that is killed gets no more calls. */
async function runLoad(servers: readonly ServerProcess[], load: Load): Promise<void> {
  const clients = servers.flatMap((server) => [0, 1, 2, 3].map((index) => ({ server, index })))
  await Promise.all(
    clients.map(async ({ server, index }) => {
      try {
        while (!load.enough()) {
          const { id, status } = await send(server, load.key, {
            stream: index % 2 === 0,
            onHead: (head) => load.begun.add(head),
          })
          if (status === 200) load.answered.add(id)
        }
      } catch {
        // The server was killed; the others go on.
      }
    }),
  )
}

const agent = new Agent({ keepAlive: true })

/** Resolves when the last byte of the response has arrived, and rejects if it never does. */
function send(
  server: ServerProcess | undefined,
  key: string,
  { stream = false, onHead }: { readonly stream?: boolean; readonly onHead?: (id: string) => void } = {},
): Promise<{ id: string; status: number }> {
  const body = JSON.stringify({
    model: 'claude-3-5-haiku-latest',
    max_tokens: 64,
    stream,
    messages: [{ role: 'user', content: 'How do tides work?' }],
  })
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(`${server?.url}/v1/messages`, { method: 'POST', headers, agent }, (response) => {
      const id = String(response.headers['request-id'])
      const status = response.statusCode ?? 0
      if (stream && status === 200) onHead?.(id)
      response.resume()
      response.on('end', () => (response.complete ? resolve({ id, status }) : reject(new Error('cut off'))))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function readOutcomes(url: string): Promise<Map<string, string>> {
  const database = await openStore({ dataFolder: tmpdir(), store: url })
  const rows = await database.query('SELECT id, outcome FROM calls')
  await database.close()
  return new Map(rows.map((row) => [String(row['id']), String(row['outcome'])]))
}

/** The difference between the rollups of hours and the calls. */
async function readTotals(url: string): Promise<unknown> {
  const database = await openStore({ dataFolder: tmpdir(), store: url })
  const [row] = await database.query(
    `SELECT (SELECT count(*) FROM calls) - (SELECT sum(calls) FROM rollups WHERE span = 'hour') AS missing`,
  )
  await database.close()
  return row
}

/** A network that can stop carrying bytes without closing a connection. */
async function startProxy(target: number) {
  const sockets = new Set<Socket>()
  let hangs = false
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => !hangs && to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const reset = () => {
    hangs = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port, // It listens on TCP.
    hang: () => (hangs = true),
    reset,
    close() {
      reset()
      server.close()
    },
  }
}
