import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

let folder = ''
let data = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-data-folder-'))
  data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a full disk and kill -9 lose no answered call', async () => {
  // No file may grow beyond 0.8 or 1.6 MB, depending on the shell; the limit meets the write-ahead log first.
  const config = join(folder, 'anthology.yaml')
  writeFileSync(config, 'limits: { ledger_lag_bytes: 300000 }\n')
  const server = await startServer(data, ['--quiet', '--config', config], 'ulimit -f 1600')

  const { answered, refused } = await callUntilRefused(server)
  const ready = await fetch(`${server.url}/readyz`)
  await server.kill('SIGKILL')
  const next = await startServer(data, ['--quiet'])
  await next.close()

  expect(refused).toBe(503)
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not_ready', because: ['ledger_unavailable'] },
  ])
  expect(server.errors()).toContain('the calls are kept in the journal until the database takes them')
  expect(next.errors()).toContain('rows_recovered')
  expect(findMissing(answered)).toEqual([])
  expect(readdirSync(join(data, 'journal'))).toEqual([])
})

test('a journal that no disk takes stops new calls until there is space again, and loses no answered call', async () => {
  // `node scripts/failures.ts full-disk` does so with a real full disk.
  const config = join(folder, 'anthology.yaml')
  writeFileSync(config, `emergency_folder: ${join(folder, 'emergency')}\n`)
  const server = await startServer(data, ['--quiet', '--config', config])
  const limitFiles = (bytes: string) =>
    execFileSync('prlimit', [`--pid=${server.processId}`, `--fsize=${bytes}:unlimited`])
  const first = await call(server)

  limitFiles('1')
  const { answered, refused } = await callUntilRefused(server)
  const errors = server.errors()
  limitFiles('unlimited')
  await expect.poll(async () => (await call(server)).status).toBe(200)
  const last = await call(server)
  await server.kill('SIGKILL')
  const next = await startServer(data, ['--quiet'])
  await next.close()

  expect(refused).toBe(503)
  expect(errors).toContain('check the disk and the data folder')
  expect(findMissing([first.id, ...answered, last.id])).toEqual([])
})

test('a removed data folder stops new calls, and loses none that is answered later', async () => {
  const emergency = join(folder, 'emergency')
  const config = join(folder, 'anthology.yaml')
  writeFileSync(config, `emergency_folder: ${emergency}\n`)
  const args = ['--quiet', '--config', config]
  const first = await startServer(data, args)

  rmSync(data, { recursive: true })
  const { answered, refused } = await callUntilRefused(first)
  mkdirSync(data, { mode: 0o700 })
  // The first server refuses new calls, so the folder may have another one.
  const second = await startServer(data, args)
  const late = await call(first)
  await first.close()
  await second.close()
  const third = await startServer(data, args)
  await third.close()

  expect([refused, late.status]).toEqual([503, 503])
  expect(findMissing(answered)).toEqual([])
  // It exists only if a call was running while the folder was gone.
  expect(existsSync(emergency) ? readdirSync(emergency) : []).toEqual([])
})

test('an existing folder that others can read is closed to them at the start', async () => {
  openDatabase(data).close()
  writeFileSync(join(data, 'local-key'), 'sk-anthology-0123456789abcdefghijklmnop\n')
  for (const name of readdirSync(data)) chmodSync(join(data, name), 0o644)
  chmodSync(data, 0o755)

  const server = await startServer(data, ['--quiet'])
  const modes = new Map(readdirSync(data).map((name) => [name, statSync(join(data, name)).mode & 0o777]))
  await server.close()

  expect(statSync(data).mode & 0o777).toBe(0o700)
  expect([...modes].filter(([, mode]) => mode !== 0o600)).toEqual([])
  expect([...modes.keys()]).toEqual(
    expect.arrayContaining(['anthology.sqlite-wal', 'anthology.sqlite-shm', 'lock.sqlite', 'local-key']),
  )
  expect(server.errors()).toContain('replace the secret if another user may have read it')
})

/** Sends calls, some at once, until one is refused. */
async function callUntilRefused(server: ServerProcess): Promise<{ answered: string[]; refused: number }> {
  const answered: string[] = []
  for (;;) {
    const calls = await Promise.all([call(server), call(server), call(server)])
    answered.push(...calls.filter(({ status }) => status === 200).map(({ id }) => id))
    const refused = calls.find(({ status }) => status !== 200)
    if (refused !== undefined) return { answered, refused: refused.status }
  }
}

async function call(server: ServerProcess): Promise<{ id: string; status: number }> {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'x-api-key': server.key,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      model: 'claude-3-5-haiku-latest',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'How do tides work?' }],
    }),
  })
  await response.arrayBuffer()
  return { id: response.headers.get('request-id') ?? '', status: response.status }
}

/** The calls without an answered row. */
function findMissing(ids: readonly string[]): readonly string[] {
  const database = openDatabase(data)
  try {
    const rows = database.prepare("SELECT id FROM calls WHERE outcome = 'answered'").all()
    const stored = new Set(rows.map((row) => String(row['id'])))
    return ids.filter((id) => !stored.has(id))
  } finally {
    database.close()
  }
}
