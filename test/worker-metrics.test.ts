import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startServer, listWorkers } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

test('no counter falls when a worker dies, and the counts of its replacement are added', async () => {
  const server = await start('')
  await callMany(server, 40)
  const before = await scrape(server)
  const victims = listWorkers(server)

  for (const victim of victims) process.kill(victim, 'SIGKILL')
  await expect.poll(() => listWorkers(server).filter((id) => !victims.includes(id)).length).toBe(2)
  const after = await untilScraped(server)
  await callMany(server, 10)
  const last = await scrape(server)

  const fallen = [...before.keys()].filter(isCounter).filter((name) => {
    return (after.get(name) ?? 0) < (before.get(name) ?? 0)
  })
  expect(before.get(answered)).toBe(40)
  expect(fallen).toEqual([])
  expect(after.get(answered)).toBe(40)
  expect(last.get(answered)).toBe(50)
  expect(last.get(durations)).toBe(50)
  // Gauges cover only running workers.
  expect(last.get('anthology_calls_in_flight')).toBe(0)
  await server.close()
})

test('each limit is reported as configured, not as the share of one worker', async () => {
  const server = await start('limits: { connections: 1000, body_bytes: 5000 }\n')

  const samples = await scrape(server)

  expect(samples.get('anthology_limit{name="connections"}')).toBe(1_000)
  expect(samples.get('anthology_limit{name="body_bytes"}')).toBe(5_000)
  expect(samples.get('anthology_limit{name="open_streams"}')).toBe(8_000)
  await server.close()
})

test('any worker shows the state of the upstreams in all of them', async () => {
  const { folder, ...server } = await start('')
  await callMany(server, 20, true)
  const adminKey = readFileSync(join(folder, 'admin-key'), 'utf8').trim()

  for (let time = 0; time < 6; time += 1) {
    const answer = await fetch(`${server.url}/admin/v1/upstreams`, {
      headers: { 'x-api-key': adminKey, connection: 'close' },
    })
    expect(await answer.json()).toMatchObject({
      data: [{ name: 'emulator', open_calls: 0, health: [{ state: 'healthy', first_token_answers: 20 }] }],
      next: null,
    })
  }
  await server.close()
})

const series = 'protocol="messages",model="claude-haiku-4-5-20251001",upstream="emulator"'
const answered = `anthology_calls_total{${series},operation="chat",outcome="answered",status="2xx"}`
const durations = `anthology_call_duration_seconds_bucket{${series},le="+Inf"}`

function isCounter(name: string): boolean {
  return /^[a-z_]+(?:_total|_bucket|_sum|_count)\b/.test(name)
}

async function start(config: string): Promise<ServerProcess & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-metrics-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'anthology.yaml'), config)
  return { ...(await startServer(folder, ['--workers', '2', '--quiet'])), folder }
}

/** Sends calls one after another, each on a new connection, so that both workers get some. */
async function callMany(
  { url, key }: Pick<ServerProcess, 'url' | 'key'>,
  times: number,
  stream = false,
): Promise<void> {
  const headers = {
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    connection: 'close',
  }
  const messages = [{ role: 'user', content: 'How do tides work?' }]
  const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 16, messages, stream })
  for (let made = 0; made < times; made += 1) {
    const answer = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    expect(answer.status).toBe(200)
  }
}

/** Every sample under its name and labels, as printed. */
async function scrape({ url }: ServerProcess): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

/** A new process listens a moment after its start. */
async function untilScraped(server: ServerProcess): Promise<ReadonlyMap<string, number>> {
  for (;;) {
    const samples = await scrape(server).catch(() => null)
    if (samples !== null) return samples
  }
}
