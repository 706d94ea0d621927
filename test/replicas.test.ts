import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@anthology/gateway'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { plain, startUpstream } from '../gateway/test/recording-upstream.ts'
import { startPostgres } from '../gateway/test/store/running-postgres.ts'
import type { RunningPostgres } from '../gateway/test/store/running-postgres.ts'
import { runAnthology, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'
import { measureChanges, printTimes } from './changes-in-force.ts'
import { checkLedger, createLoadedCalls, runLoad, sendCall } from './failure-load.ts'
import { cutPostgres, killReplicas } from './failure-runs.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('one of three servers on a PostgreSQL is killed under load, again and again, and no answered call is lost', async () => {
  // `node scripts/failures.ts kill-replicas` does so a hundred times.
  const check = await killReplicas(postgres, { kills: 3, callsPerKill: 100 })

  expect(check.answered).toBeGreaterThanOrEqual(3 * 100)
  expect(check).toMatchObject({ missing: [], withoutRow: [], sumsAreRight: true })
})

test('the journal of a server that is gone for good is stored without it', async () => {
  const url = await postgres.createDatabase()
  const key = await createKey(url)
  const [lost, left] = [createFolder(), createFolder()]
  const servers = await Promise.all([start(lost, url), start(left, url)])
  const calls = createLoadedCalls()
  let isOver = false
  const loads = servers.map((server) =>
    runLoad({ url: server.url, key, clients: 4, isOver: () => isOver, ...calls }),
  )
  await expect.poll(() => calls.answered.size).toBeGreaterThan(200)

  await servers[0]?.kill('SIGKILL')
  isOver = true
  await Promise.all(loads)
  await runAnthology(['store', 'replay', lost, '--store', url], tmpdir())
  await servers[1]?.close()

  const check = await checkLedger({ dataFolder: left, store: url }, calls)
  expect(check).toMatchObject({ missing: [], withoutRow: [], sumsAreRight: true })
})

test('every change of keys, budgets and workspaces is in force at the other server', async () => {
  const url = await postgres.createDatabase()
  const folders = [createFolder(), createFolder()] as const
  const servers = await Promise.all(folders.map((folder) => start(folder, url)))

  const times = await measureChanges({
    url: servers[0]?.url ?? '',
    dataFolder: folders[0],
    store: url,
    targets: [servers[1]?.url ?? ''],
  })
  await Promise.all(servers.map((server) => server.close()))

  printTimes('In force at another server on PostgreSQL', times)
  expect(Object.keys(times)).toContain('key revoked')
})

test('PostgreSQL is cut off and then stopped under load: calls are answered, nothing is lost, and the log names the next step', async () => {
  // `node scripts/failures.ts cut-postgres` does so for a minute.
  const check = await cutPostgres(postgres, 2_000)

  expect(check.answeredMeanwhile).toBeGreaterThan(100)
  expect(check).toMatchObject({ missing: [], withoutRow: [], sumsAreRight: true })
  expect(check.log.join('\n')).toContain('check that PostgreSQL runs')
  expect(check.log.join('\n')).not.toContain('a-password-of-tests')
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

test('a conversation that moved at one server goes to its new place at the other one, in each worker', async () => {
  const url = await postgres.createDatabase()
  const { id, key } = await createNamedKey(url)
  const usage = { input_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 40_000 }
  const cached = { type: 'message', role: 'assistant', content: [], model: 'claude-haiku-4-5', usage }
  const answer = plain(JSON.stringify(cached))
  let isBusy = true
  const first = await startUpstream((response, request) =>
    (isBusy ? plain('{}', { status: 529 }) : answer)(response, request),
  )
  const second = await startUpstream(answer)
  const upstreams = [first, second].map(
    (upstream, index) => `  - { name: number-${index}, platform: anthropic, base_url: '${upstream.url}' }\n`,
  )
  const folders = [createFolder(), createFolder()]
  for (const folder of folders)
    writeFileSync(join(folder, 'anthology.yaml'), `upstreams:\n${upstreams.join('')}`)
  // One of a single process, and one whose primary process has the connection to PostgreSQL.
  const servers = await Promise.all(folders.map((folder, index) => start(folder, url, String(index + 1))))
  const post = (path: string, secret: string, content: string) =>
    fetch(path, {
      method: 'POST',
      headers: {
        'x-api-key': secret,
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        // Each worker gets some of the connections.
        connection: 'close',
      },
      body: JSON.stringify({
        model: 'claude-haiku-4-5',
        max_tokens: 9,
        messages: [{ role: 'user', content }],
      }),
    })
  const turn = async (server: ServerProcess | undefined, content: string) => {
    const response = await post(`${server?.url}/v1/messages`, key, content)
    await response.text()
    return response.headers.get('x-anthology-upstream')
  }
  // Sends nothing, so it leaves the conversation where it is.
  const explain = async (at: number, content: string) => {
    const adminKey = readFileSync(join(folders[at] ?? '', 'admin-key'), 'utf8').trim()
    const response = await post(`${servers[at]?.url}/admin/v1/explain?key=${id}`, adminKey, content)
    const { attempts } = (await response.json()) as { attempts: readonly { upstream: string }[] }
    return attempts[0]?.upstream
  }
  const explainOften = (at: number, content: string) =>
    Promise.all(Array.from({ length: 6 }, () => explain(at, content)))

  const moved = [await turn(servers[0], 'one'), await turn(servers[1], 'two')]
  isBusy = false
  const everywhere = Array.from({ length: 6 }, () => 'number-1')
  await expect.poll(() => explainOften(1, 'one'), { timeout: 10_000 }).toEqual(everywhere)
  await expect.poll(() => explainOften(0, 'two'), { timeout: 10_000 }).toEqual(everywhere)
  const later = [await turn(servers[1], 'one'), await turn(servers[0], 'two')]
  const other = await turn(servers[1], 'three')
  await Promise.all(servers.map((server) => server.close()))

  expect(moved).toEqual(['number-1', 'number-1'])
  expect(later).toEqual(['number-1', 'number-1'])
  expect(other).toBe('number-0')
})

test('with durability store an answer ends after its row is in PostgreSQL', async () => {
  const url = await postgres.createDatabase()
  const key = await createKey(url)
  const folder = createFolder()
  writeFileSync(join(folder, 'anthology.yaml'), 'durability: store\n')
  const server = await start(folder, url)

  const answered = []
  for (let call = 0; call < 10; call += 1) {
    const { id } = await send(server, key, call % 2 === 0)
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

function send(server: ServerProcess | undefined, key: string, stream = false) {
  return sendCall({ url: server?.url ?? '', key, stream })
}

async function createKey(url: string): Promise<string> {
  return (await createNamedKey(url)).key
}

async function createNamedKey(url: string): Promise<{ readonly id: string; readonly key: string }> {
  const made = await runAnthology(['keys', 'create', '--name', 'ci', '--store', url], tmpdir())
  return made as { id: string; key: string } // Printed by `keys create --json`.
}

async function readOutcomes(url: string): Promise<Map<string, string>> {
  const database = await openStore({ dataFolder: tmpdir(), store: url })
  const rows = await database.query('SELECT id, outcome FROM calls')
  await database.close()
  return new Map(rows.map((row) => [String(row['id']), String(row['outcome'])]))
}
