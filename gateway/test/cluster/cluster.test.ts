import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { updateKey } from '../../src/organization/keys.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { insertKey, revokeKey } from '../stored-keys.ts'
import { until } from '../condition.ts'
import { localKey, temporaryFolder, waitForLedger } from '../running-gateway.ts'
import type { WorkerReport } from './cluster-process.ts'

const body = JSON.stringify({
  model: 'claude-haiku-4-5',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'How do tides work?' }],
})

test('64 clients of two workers never get more than the limit, and use most of it', async () => {
  const [requests, windowMs, windows] = [100, 2_000, 2]
  const cluster = await startCluster({ requests: String(requests), 'window-ms': String(windowMs) })
  const stop = new AbortController()
  const statuses = new Set<number>()
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const clients = Array.from({ length: 64 }, async () => {
    while (!stop.signal.aborted) statuses.add((await send(cluster.url, { agent })).status)
  })
  const timer = setTimeout(() => stop.abort(), (windows + 0.2) * windowMs)
  await Promise.all(clients)
  clearTimeout(timer)
  agent.destroy()

  let reports: readonly WorkerReport[] = []
  await until('both have reported', async () => {
    // The reports of cluster-process.ts; a worker without a moment to spare reports nothing.
    reports = (await cluster.ask()).reports
    return reports.length === 2
  })
  const calledAtMs = reports.flatMap((report) => report.calledAtMs).toSorted((one, other) => one - other)
  // A call counts when its attempt starts. A worker that stops right after that calls the upstream later.
  const pausedMs = Math.max(...reports.map((report) => report.pausedMs))
  const firstMs = calledAtMs[0] ?? 0

  expect(statuses).toEqual(new Set([200, 429]))
  expect(reports.filter((report) => report.calledAtMs.length > requests / 2)).toHaveLength(2)
  expect(maxWithin(calledAtMs, windowMs - pausedMs)).toBeLessThanOrEqual(requests)
  const used = calledAtMs.filter((at) => at < firstMs + windows * windowMs).length
  // On a busy machine, workers and clients need some of each window to come round.
  expect(used / (windows * requests)).toBeGreaterThanOrEqual(0.75)
})

test('a worker that is killed is replaced, its calls are unknown at once, and every answer is in the ledger', async () => {
  const cluster = await startCluster({ workers: '2' })
  const answered = new Set<string>()
  const stop = new AbortController()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const clients = Array.from({ length: 16 }, async () => {
    while (!stop.signal.aborted) {
      // A call on a connection of the killed worker has no response.
      const answer = await send(cluster.url, { agent }).catch(() => null)
      if (answer?.status === 200) answered.add(answer.id)
    }
  })
  const killed: number[] = []
  for (let round = 1; round <= 3; round += 1) {
    await until('calls are answered', () => answered.size > round * 150)
    const { processIds } = await cluster.ask()
    const [victim = 0] = processIds
    process.kill(victim, 'SIGKILL')
    killed.push(victim)
    await until('it is replaced', async () => {
      const now = await cluster.ask()
      return now.processIds.length === 2 && !now.processIds.includes(victim)
    })
  }
  stop.abort()
  await Promise.all(clients)
  agent.destroy()

  const outcomes = readOutcomes(cluster.dataFolder)
  expect([...answered].filter((id) => outcomes.get(id) !== 'answered')).toEqual([])
  // The server still runs, but no call of the killed worker is listed as running.
  expect([...outcomes.values()].filter((outcome) => outcome === null)).toEqual([])

  expect(killed).toHaveLength(3)
  expect(cluster.errors()).toContain('worker_died')
})

test('a process that cannot be started is tried again, and keeps nobody from the end', async () => {
  const cluster = await startCluster({ workers: '2' })
  const { processIds } = await cluster.ask('lose')
  const [victim = 0, other = 0] = processIds

  process.kill(victim, 'SIGKILL')
  await until('it was tried twice', () => cluster.errors().split('ENOENT').length > 2)
  await cluster.ask('find')
  await until('it is replaced', async () => (await cluster.ask()).processIds.length === 2)
  expect((await cluster.ask()).processIds).not.toContain(victim)

  await cluster.ask('lose')
  process.kill(other, 'SIGKILL')
  await until('it was tried again', () => cluster.errors().split('ENOENT').length > 3)
  cluster.process.kill('SIGTERM')
  await cluster.ended
})

test('the log says why a worker that replaces another one cannot begin', async () => {
  const cluster = await startCluster({ workers: '2' })
  const { processIds } = await cluster.ask('fail')

  process.kill(processIds[0] ?? 0, 'SIGKILL')

  await until('it is said', () =>
    cluster.errors().includes('"worker_failed","message":"the certificate is gone"'),
  )
})

test('every answer is in the ledger when the primary is killed that has not written for a while', async () => {
  const cluster = await startCluster({ workers: '2' })
  const answered = new Set<string>()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const ask = () => send(cluster.url, { agent }).catch(() => null)
  const clients = Array.from({ length: 16 }, async () => {
    // Until a call gets no response.
    for (let answer = await ask(); answer !== null; answer = await ask()) answered.add(answer.id)
  })
  await until('calls are answered', () => answered.size > 100)

  const other = openDatabase(cluster.dataFolder)
  other.exec('BEGIN IMMEDIATE')
  // Time for both workers to proceed as far as they can.
  for (let round = 0; round < 20; round += 1)
    await fetch(`${cluster.url}/healthz`, { headers: { connection: 'close' } })
  cluster.process.kill('SIGKILL')
  await Promise.all([...clients, cluster.ended])
  other.close()
  agent.destroy()
  // The next start stores what is in the journals.
  const ledger = await openLedger({ dataFolder: cluster.dataFolder })
  await ledger.close()

  const outcomes = readOutcomes(cluster.dataFolder)
  expect([...answered].filter((id) => outcomes.get(id) !== 'answered')).toEqual([])
})

test('a worker that is stuck keeps nobody from what the others report, and counts as it last did', async () => {
  const cluster = await startCluster({ workers: '2' })
  const agent = new Agent()
  await send(cluster.url, { agent })
  const { processIds, reports: before } = await cluster.ask()
  const [stuck = 0] = processIds

  process.kill(stuck, 'SIGSTOP')
  const { reports } = await cluster.ask()
  process.kill(stuck, 'SIGCONT')

  const listCalls = (from: readonly WorkerReport[]) => from.map(({ calledAtMs }) => calledAtMs)
  expect(listCalls(before).flat()).toHaveLength(1)
  expect(listCalls(reports)).toEqual(listCalls(before))
})

test('a key that is changed or revoked is refused by every worker within a second', async () => {
  const cluster = await startCluster({ workers: '3' })
  const { secret, record } = createKey('ci', null, Date.now())
  const database = openDatabase(cluster.dataFolder)
  insertKey(database, record)
  // Enough connections for every worker.
  const agents = Array.from({ length: 30 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const ask = () => Promise.all(agents.map((agent) => send(cluster.url, { agent, key: secret })))
  const statuses = async () => (await ask()).map(({ status }) => status)
  await until('every worker knows it', async () => (await statuses()).every((status) => status === 200))

  await updateKey(createSqliteDatabase(database), 'ci', { protocols: ['openai'] })
  await until('no worker allows it', async () => (await statuses()).every((status) => status === 403), 1_500)
  revokeKey(database, 'ci', Date.now())
  await until('no worker takes it', async () => (await statuses()).every((status) => status === 401), 1_500)

  database.close()
  for (const agent of agents) agent.destroy()
})

test('lets a call come to its end when the cluster is asked to stop', async () => {
  const cluster = await startCluster({ workers: '2', tokensPerSecond: 40 })
  const stream = JSON.stringify({ ...(JSON.parse(body) as object), stream: true })
  const agent = new Agent({ keepAlive: true })
  const head = Promise.withResolvers<void>()
  const answer = send(cluster.url, { agent, body: stream, onHead: () => head.resolve() })
  await head.promise

  cluster.process.kill('SIGTERM')
  const { status, text, id } = await answer
  await cluster.ended

  expect(status).toBe(200)
  expect(text).toContain('message_stop')
  expect(readOutcomes(cluster.dataFolder).get(id)).toBe('answered')
  agent.destroy()
})

test('the workers end with the primary, even when it is killed', async () => {
  const cluster = await startCluster({ workers: '2' })
  const { processIds } = await cluster.ask()

  cluster.process.kill('SIGKILL')
  await cluster.ended

  expect(processIds).toHaveLength(2)
  await until('they are gone', () => processIds.every((id) => !isAlive(id)))
})

test('reports why a worker cannot listen, and leaves no process behind', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const address = busy.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  const cluster = await startCluster({ workers: '2', port: String(port) })

  expect(cluster.failed).toContain(`port ${port} on 127.0.0.1 is in use`)
  await cluster.ended
  busy.close()
})

interface Answer {
  readonly status: number
  readonly id: string
  readonly text: string
}

interface Sending {
  readonly agent: Agent
  readonly key?: string
  readonly body?: string
  readonly onHead?: () => void
}

function send(url: string, sending: Sending): Promise<Answer> {
  const headers = {
    'x-api-key': sending.key ?? localKey,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/messages`,
      { method: 'POST', headers, agent: sending.agent },
      (response) => {
        let text = ''
        sending.onHead?.()
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => {
          const id = String(response.headers['request-id'])
          if (response.complete) resolve({ status: response.statusCode ?? 0, id, text })
          else reject(new Error('the answer broke off'))
        })
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(sending.body ?? body)
  })
}

async function startCluster(given: Readonly<Record<string, string | number>>) {
  const { tokensPerSecond = 0, ...flags } = given
  const emulator = createEmulator({ keepRequests: false, tokensPerSecond: Number(tokensPerSecond) })
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  const dataFolder = temporaryFolder()
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'cluster-process.ts'),
      ...Object.entries({ data: dataFolder, upstream: server.url, ...flags }).map(
        ([name, value]) => `--${name}=${value}`,
      ),
    ],
    { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] },
  )
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    await server.close()
    emulator.close()
  })
  const errors = collect(child)
  const lines = readLines(child)
  const first = await lines.next()
  return {
    url: String(first['url']),
    failed: String(first['failed']),
    dataFolder,
    process: child,
    ended,
    errors,
    /** Its workers and their reports. */
    async ask(
      line: 'report' | 'lose' | 'find' | 'fail' = 'report',
    ): Promise<{ readonly reports: readonly WorkerReport[]; readonly processIds: readonly number[] }> {
      child.stdin?.write(`${line}\n`)
      const { reports, processIds } = await lines.next()
      return {
        reports: reports as readonly WorkerReport[], // Printed by cluster-process.ts.
        processIds: Array.isArray(processIds) ? processIds.map(Number) : [],
      }
    },
  }
}

function readLines(child: ChildProcess): { next(): Promise<Readonly<Record<string, unknown>>> } {
  if (child.stdout === null) throw new Error('its output is no pipe')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next() {
      const { value } = await lines.next()
      return JSON.parse(String(value)) as Record<string, unknown> // It prints one object per line.
    },
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (part: Buffer) => (text += part.toString()))
  return () => text
}

/** The maximum number of events in any window; they are sorted by time. */
function maxWithin(times: readonly number[], windowMs: number): number {
  let [oldest, most] = [0, 0]
  for (const [index, at] of times.entries()) {
    while ((times[oldest] ?? at) < at - windowMs) oldest += 1
    most = Math.max(most, index - oldest + 1)
  }
  return most
}

function readOutcomes(dataFolder: string): Map<string, string | null> {
  waitForLedger(dataFolder)
  const database = openDatabase(dataFolder)
  const rows = database.prepare('SELECT id, outcome FROM all_calls').all()
  database.close()
  return new Map(
    rows.map((row) => [String(row['id']), row['outcome'] === null ? null : String(row['outcome'])]),
  )
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}
