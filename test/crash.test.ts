import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

/** `ANTHOLOGY_CRASH_ROUNDS=100` is the long version. */
const rounds = Number(process.env['ANTHOLOGY_CRASH_ROUNDS'] ?? 20)
const answeredPerRound = 200
const clients = 16

test('keeps every answered call after kill -9 under load, many times in a row', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-crash-'))
  const answered = new Set<string>()
  const begun = new Set<string>()

  for (let round = 0; round < rounds; round += 1) {
    const server = await startServer(dataFolder, ['--quiet'])
    const before = answered.size
    await loadUntilKilled(server, {
      begun,
      answered,
      enough: () => answered.size - before >= answeredPerRound,
    })
    expect(answered.size - before).toBeGreaterThanOrEqual(answeredPerRound)
  }
  const last = await startServer(dataFolder, ['--quiet'])
  const closing = await send(last, { stream: false, agent: new Agent() })
  await last.kill('SIGTERM')

  const rows = readOutcomes(dataFolder)
  expect([...answered].filter((id) => rows.get(id) !== 'answered')).toEqual([])
  // A stream whose headers reached the client has a row, even if nothing more is known of it.
  expect([...begun].filter((id) => !rows.has(id))).toEqual([])
  expect(
    [...rows.values()].filter(
      (outcome) => outcome !== 'answered' && outcome !== 'unknown' && outcome !== 'client_closed',
    ),
  ).toEqual([])
  expect([...rows.values()]).toContain('unknown')
  expect(rows.get(closing.id)).toBe('answered')
  expect(unpriced(dataFolder)).toBe(0)
  rmSync(dataFolder, { recursive: true })
})

interface Load {
  readonly begun: Set<string>
  readonly answered: Set<string>
  readonly enough: () => boolean
}

/** Keeps `clients` calls running, every second one a stream, a few of them long, and kills the server meanwhile. */
async function loadUntilKilled(server: ServerProcess, { begun, answered, enough }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const killed: Promise<number | null>[] = []

  async function client(index: number): Promise<void> {
    const stream = index % 2 === 0
    const words = index % 8 === 0 ? 4_000 : undefined
    while (killed.length === 0) {
      try {
        const onHead = (head: string) => stream && begun.add(head)
        const { id } = await send(server, { stream, words, agent, onHead })
        answered.add(id)
      } catch (error) {
        if (killed.length === 0) throw error
      }
      if (enough() && killed.length === 0) killed.push(server.kill('SIGKILL'))
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  agent.destroy()
  await Promise.all(killed)
}

interface Sending {
  readonly stream: boolean
  /** Length of the response; a short one may end before its headers are sent. */
  readonly words?: number | undefined
  readonly agent: Agent
  readonly onHead?: (id: string) => void
}

/** Resolves when the last byte of the response has arrived, and rejects if it never does. */
function send(server: ServerProcess, { stream, words, agent, onHead }: Sending): Promise<{ id: string }> {
  const body = JSON.stringify({
    model: 'claude-3-5-haiku-latest',
    max_tokens: words === undefined ? 64 : 8_000,
    stream,
    messages: [
      { role: 'user', content: words === undefined ? 'How do tides work?' : `Tides, in ${words} words.` },
    ],
  })
  const headers = {
    'x-api-key': server.key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}/v1/messages`,
      { method: 'POST', headers, agent },
      (response: IncomingMessage) => {
        const id = String(response.headers['request-id'])
        onHead?.(id)
        response.resume()
        response.on('end', () =>
          response.complete && response.statusCode === 200
            ? resolve({ id })
            : reject(new Error(`status ${response.statusCode}`)),
        )
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function readOutcomes(dataFolder: string): Map<string, string | null> {
  const database = openDatabase(dataFolder)
  const rows = database.prepare('SELECT id, outcome FROM calls').all()
  database.close()
  return new Map(
    rows.map((row) => [String(row['id']), row['outcome'] === null ? null : String(row['outcome'])]),
  )
}

function unpriced(dataFolder: string): number {
  const database = openDatabase(dataFolder)
  const row = database
    .prepare("SELECT count(*) AS calls FROM calls WHERE outcome = 'answered' AND cost_nano_usd IS NULL")
    .get()
  database.close()
  return Number(row?.['calls'])
}
