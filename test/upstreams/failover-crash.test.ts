import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { startServer } from '../anthology-process.ts'
import type { ServerProcess } from '../anthology-process.ts'
import { createRandom, startFailingUpstream } from './failover-upstream.ts'
import { post } from './fault-clients.ts'

const rounds = 20
const answeredPerRound = 60
const clients = 12

test('keeps every answered call and each of its billed attempts after kill -9 under failover, twenty times in a row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-failover-crash-'))
  const upstreams = await Promise.all(
    ['first', 'second'].map((name, at) =>
      startFailingUpstream(name, { random: createRandom(at + 1), share: 0.5 - at * 0.4, lateShare: 0 }),
    ),
  )
  const config = join(folder, 'anthology.yaml')
  writeFileSync(config, printConfig(upstreams.map(({ url }) => url)))
  const answered = new Set<string>()
  const running = new Set<string>()

  for (let round = 0; round < rounds; round += 1) {
    const server = await startServer(folder, ['--quiet', '--config', config])
    await loadUntilKilled(server, { round, answered, running })
  }
  const last = await startServer(folder, ['--quiet', '--config', config])
  await last.kill('SIGTERM')

  const rows = readRows(folder)
  const find = (mark: string) => rows.filter(({ session }) => session === mark)
  expect(answered.size).toBeGreaterThanOrEqual(rounds * answeredPerRound)
  expect([...answered].filter((mark) => !find(mark).some(({ outcome }) => outcome === 'answered'))).toEqual(
    [],
  )
  const asked = upstreams.flatMap((upstream) => [...upstream.answered, ...upstream.begun])
  // The start record of a call is in the journal before its upstream is called.
  expect(asked.filter((mark) => find(mark).length === 0)).toEqual([])
  // An attempt from which the call moved on has a row of its own.
  const begun = upstreams.flatMap((upstream) => upstream.begun)
  const incomplete = begun.filter((mark) => {
    return (
      !running.has(mark) &&
      find(mark).filter(({ outcome }) => outcome !== 'answered').length < count(begun, mark)
    )
  })
  expect(incomplete).toEqual([])
  expect(begun.length).toBeGreaterThan(rounds)
  expect(rows.map(({ outcome }) => outcome)).toContain('unknown')
  await Promise.all(upstreams.map((upstream) => upstream.close()))
  rmSync(folder, { recursive: true })
})

function count(marks: readonly string[], mark: string): number {
  return marks.filter((each) => each === mark).length
}

/** An open circuit would keep the calls away from the failing upstream. */
function printConfig(urls: readonly string[]): string {
  const upstreams = urls.map(
    (url, at) =>
      `  - { name: number-${at}, platform: anthropic, base_url: "${url}", api_key: a-key-of-the-upstream }`,
  )
  const routing = 'routing: { groups: [[number-0], [number-1]], circuit: { failures: 1000000 } }'
  return ['upstreams:', ...upstreams, routing, ''].join('\n')
}

interface Load {
  readonly round: number
  readonly answered: Set<string>
  /** The calls whose answers were incomplete at a kill. */
  readonly running: Set<string>
}

/** Keeps streams running, and kills the server while they do. */
async function loadUntilKilled(server: ServerProcess, { round, answered, running }: Load): Promise<void> {
  const before = answered.size
  const killed: Promise<number | null>[] = []
  const client = async (index: number): Promise<void> => {
    for (let call = 0; killed.length === 0; call += 1) {
      const mark = `round-${round}-client-${index}-call-${call}`
      try {
        if (await sendStream(server, mark)) answered.add(mark)
      } catch (error) {
        if (killed.length === 0) throw error
        running.add(mark)
      }
      const isEnough = answered.size - before >= answeredPerRound
      if (isEnough && killed.length === 0) killed.push(server.kill('SIGKILL'))
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  await Promise.all(killed)
}

/** True if the last event of the answer has arrived; false for an error of the protocol. */
async function sendStream(server: ServerProcess, mark: string): Promise<boolean> {
  const body = JSON.stringify({
    model: 'claude-opus-4-1',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: `call=${mark}` }],
  })
  const headers = {
    'x-api-key': server.key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    'x-claude-code-session-id': mark,
  }
  const { status, body: answer } = await post(`${server.url}/v1/messages`, body, headers)
  return status === 200 && answer.toString().trimEnd().endsWith('{"type":"message_stop"}')
}

interface SessionRow {
  readonly session: string
  readonly outcome: string
}

function readRows(folder: string): readonly SessionRow[] {
  const database = openDatabase(folder)
  const rows = database.prepare('SELECT session_id, outcome FROM calls').all()
  database.close()
  return rows.map((row) => ({ session: String(row['session_id']), outcome: String(row['outcome']) }))
}
