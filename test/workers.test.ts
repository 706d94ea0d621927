import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'

import { waitForLedger } from '../gateway/test/running-gateway.ts'
import { plain, startUpstream } from '../gateway/test/recording-upstream.ts'
import { errorBody, message } from '../gateway/test/samples.ts'
import {
  always,
  describeUpstreams,
  never,
  sendThinking,
  startSigningUpstream,
} from '../gateway/test/signing-upstream.ts'
import { runAnthology, startServer, listWorkers } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'
import { measureChanges, printTimes } from './changes-in-force.ts'

test('two workers share one port, one emulator and one ledger', async () => {
  const { server, dataFolder } = await start(['--workers', '2'])

  const answers = await Promise.all(Array.from({ length: 40 }, () => send(server)))
  const code = await server.kill('SIGTERM')

  expect(server.facts['workers']).toBe(2)
  expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200))
  // The emulator numbers its messages: two emulators would use the same ids.
  expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(40)
  expect(code).toBe(0)
  const rows = readRows(dataFolder)
  expect(answers.filter(({ id }) => rows.get(id) !== 'answered')).toEqual([])
})

test('a killed worker is replaced, and the others serve meanwhile', async () => {
  const { server, dataFolder } = await start(['--workers', '2', '--quiet'])
  const [victim = 0] = listWorkers(server)
  const before = await Promise.all(Array.from({ length: 10 }, () => send(server)))

  process.kill(victim, 'SIGKILL')
  const after = await Promise.all(Array.from({ length: 10 }, () => sendUntilAnswered(server)))
  await expect.poll(() => listWorkers(server).filter((id) => id !== victim).length).toBe(2)
  const last = await send(server)
  await server.close()

  const rows = readRows(dataFolder)
  expect([...before, ...after, last].filter(({ id }) => rows.get(id) !== 'answered')).toEqual([])
  expect(server.errors()).toContain('worker_died')
})

test('every change of keys, budgets and workspaces is in force at all workers', async () => {
  const { server, dataFolder } = await start(['--workers', '2', '--quiet'])
  const { url } = server

  // Connections are given to the workers in turn.
  const times = await measureChanges({ url, dataFolder, targets: [url, url, url, url] })
  await server.close()

  printTimes('In force at all workers', times)
  expect(Object.keys(times)).toContain('key revoked')
})

test('a batch that one worker created, and the bodies that one stored, are known to the others', async () => {
  const config = join(folder(), 'anthology.yaml')
  writeFileSync(config, 'bodies: { retention: 1d }\n')
  const { server, dataFolder } = await start(['--workers', '2', '--quiet', '--config', config])
  const params = { model: 'claude-haiku-4-5', max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }] }
  const headers = {
    'x-api-key': server.key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  const batches = `${server.url}/v1/messages/batches`

  const body = JSON.stringify({ requests: [{ custom_id: 'one', params }] })
  const made = await fetch(batches, { method: 'POST', headers, body })
  const { id } = (await made.json()) as { id: string } // A batch of the emulator.
  const found = await Promise.all(
    Array.from({ length: 12 }, async () => (await fetch(`${batches}/${id}`, { headers })).json()),
  )

  expect(made.status).toBe(200)
  expect(found).toEqual(Array(12).fill(expect.objectContaining({ id, type: 'message_batch' })))
  const called = await send(server)
  waitForLedger(dataFolder)
  const adminKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  const readBodies = async () =>
    (
      await fetch(`${server.url}/admin/v1/calls/${called.id}/bodies`, {
        headers: { 'x-api-key': adminKey, connection: 'close' },
      })
    ).json()
  // They are written after the answer.
  await expect.poll(readBodies).toMatchObject({ absent_because: null })
  const bodies = await Promise.all(Array.from({ length: 12 }, readBodies))
  const stored = { request: { text: expect.stringContaining('How do tides work?') }, absent_because: null }
  expect(bodies).toMatchObject(Array.from({ length: 12 }, () => stored))
  await server.close()
})

test('a batch counts once on a budget, also if several workers read its results at once', async () => {
  const { server, dataFolder } = await start(['--workers', '2', '--quiet'])
  const adminKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  const json = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const ask = async (path: string, key: string, body?: object) => {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(server.url + path, { ...sent, headers: { ...json, 'x-api-key': key } })
    return answer.text()
  }
  const budget = { scope: 'organization', limit: '5', window: 'total' }
  const made = await ask('/admin/v1/budgets', adminKey, budget)
  const { id: budgetId } = JSON.parse(made) as { id: string } // A budget.
  // By then every process holds money on it.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const params = { model: 'claude-haiku-4-5', max_tokens: 900, messages: [{ role: 'user', content: 'Hi' }] }
  const batch = await ask('/v1/messages/batches', server.key, { requests: [{ custom_id: 'one', params }] })
  const path = `/v1/messages/batches/${(JSON.parse(batch) as { id: string }).id}` // A batch.
  await expect.poll(() => ask(path, server.key)).toContain('"ended"')

  const results = await Promise.all(Array.from({ length: 12 }, () => ask(`${path}/results`, server.key)))

  const readBudget = async () =>
    JSON.parse(await ask(`/admin/v1/budgets/${budgetId}`, adminKey)) as { spent: string; held: string }
  const report = await ask('/admin/v1/usage?by=model', adminKey)
  const { total } = JSON.parse(report) as { total: { cost_usd: string } } // A usage report.
  expect(results).toEqual(Array(12).fill(expect.stringContaining('"succeeded"')))
  await expect.poll(readBudget).toMatchObject({ spent: total.cost_usd, held: '0.00' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect((await readBudget()).spent).toBe(total.cost_usd)
  await server.close()
})

test('a conversation that one worker has moved stays there with every worker', async () => {
  const [aa, bb] = await Promise.all([startSigningUpstream('aa'), startSigningUpstream('bb')])
  aa.accepts = bb.accepts = always
  const { server } = await start(['--workers', '2'], describeUpstreams([aa, bb]))
  const before = await Promise.all(Array.from({ length: 12 }, () => sendThinking(server, [])))

  aa.fails = always
  const moved = await sendThinking(server, [aa.name])
  aa.fails = never
  // The time that a client takes at least.
  await new Promise((resolve) => setTimeout(resolve, 100))
  const after = await Promise.all(Array.from({ length: 12 }, () => sendThinking(server, [aa.name, bb.name])))

  expect(new Set(before.map(({ upstream }) => upstream))).toEqual(new Set(['aa']))
  expect(moved).toMatchObject({ upstream: 'bb', notice: expect.stringContaining('comes from upstream aa') })
  // Nothing else was known of the upstream that issued the thinking.
  expect(after).toEqual(after.map(() => ({ status: 200, upstream: 'bb', notice: undefined })))
  await server.close()
})

test.each([
  [429, 'rate_limit_error', 'This request would exceed your rate limit.'],
  [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
])('no worker asks an upstream that has refused another one (%s %s)', async (status, type, text) => {
  const empty = await startUpstream(
    plain(errorBody(type, text), { status, headers: { 'retry-after': '60' } }),
  )
  const spare = await startUpstream(plain(message))
  const upstreams = [empty, spare].map(
    ({ url }, at) =>
      `  - { name: u${at}, platform: anthropic, base_url: '${url}', api_key: sk-of-the-tests-only }`,
  )
  const { server } = await start(['--workers', '2'], `upstreams:\n${upstreams.join('\n')}\n`)

  const first = await send(server)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const others = await Promise.all(Array.from({ length: 12 }, () => send(server)))

  expect([first, ...others].map((each) => each.status)).toEqual(Array.from({ length: 13 }, () => 200))
  expect(empty.requests).toHaveLength(1)
  expect(spare.requests).toHaveLength(13)
  await server.close()
})

test('no process remains when the server is killed', async () => {
  const { server } = await start(['--workers', '3'])
  const workers = listWorkers(server)

  await server.kill('SIGKILL')

  expect(workers).toHaveLength(3)
  await expect.poll(() => workers.filter(isAlive)).toEqual([])
})

test('a second server on the port of several workers fails', async () => {
  const { server } = await start(['--workers', '2'])
  const { port } = new URL(server.url)
  const other = folder()

  const starting = runAnthology(['serve', '--port', port, '--data', other, '--workers', '2'], other)

  await expect(starting).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
  await server.close()
})

test.each(['0', '65', 'two'])('--workers %s is wrong use', async (workers) => {
  const data = folder()

  await expect(runAnthology(['serve', '--data', data, '--workers', workers], data)).rejects.toThrow(
    `ended with 2: anthology: --workers must be a number from 1 to 64, not "${workers}"`,
  )
})

test('the emulator runs with one worker unless more are configured', async () => {
  const { server } = await start([])

  expect(server.facts['workers']).toBe(1)
  expect(listWorkers(server)).toEqual([])
  await server.close()
})

async function start(
  args: readonly string[],
  config?: string,
): Promise<{ server: ServerProcess; dataFolder: string }> {
  const dataFolder = folder()
  if (config !== undefined) writeFileSync(join(dataFolder, 'anthology.yaml'), config)
  return { server: await startServer(dataFolder, args), dataFolder }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'anthology-workers-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

interface Answered {
  readonly status: number
  readonly id: string
  readonly messageId: string
}

/** Sends a call on a new connection, so that every worker gets some. */
function send({ url, key }: ServerProcess): Promise<Answered> {
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/messages`,
      { method: 'POST', headers, agent: new Agent() },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('error', reject)
        response.on('end', () => {
          const { id } = JSON.parse(text) as { id: string } // A message of the emulator.
          resolve({
            status: response.statusCode ?? 0,
            id: String(response.headers['request-id']),
            messageId: id,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(
      JSON.stringify({
        model: 'claude-haiku-4-5',
        max_tokens: 16,
        messages: [{ role: 'user', content: 'How do tides work?' }],
      }),
    )
  })
}

/** Retries, as clients do: a connection of a worker that dies is reset. */
async function sendUntilAnswered(server: ServerProcess): Promise<Answered> {
  for (;;) {
    const answered = await send(server).catch(() => null)
    if (answered !== null) return answered
  }
}

function readRows(dataFolder: string): ReadonlyMap<string, string> {
  waitForLedger(dataFolder)
  const database = openDatabase(dataFolder)
  const rows = database.prepare('SELECT id, outcome FROM calls').all()
  database.close()
  return new Map(rows.map((row) => [String(row['id']), String(row['outcome'])]))
}
