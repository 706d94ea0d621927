import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openDatabase, openStore } from '@anthology/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startPostgres } from '../../../gateway/test/store/running-postgres.ts'
import type { RunningPostgres } from '../../../gateway/test/store/running-postgres.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('every command that works on the tables works on PostgreSQL, and creates no data folder', async () => {
  const cwd = temporaryFolder()
  const env = { ANTHOLOGY_STORE: await postgres.createDatabase() }
  const commands = [
    ['workspaces', 'create', 'research'],
    ['members', 'create', 'ann'],
    ['keys', 'create', '--name', 'ci', '--workspace', 'research', '--member', 'ann'],
    ['keys', 'list'],
    ['keys', 'rotate', 'ci'],
    ['budgets', 'create', '--scope', 'workspace:research', '--limit', '50', '--window', 'day'],
    ['budgets', 'list'],
    ['workspaces', 'list'],
    ['members', 'list'],
    ['usage'],
    ['usage', '--by', 'day,key', '--tz', 'Europe/Berlin'],
    ['usage', '--calls'],
    ['keys', 'revoke', 'ci'],
  ]

  for (const argv of commands) {
    const { code, err } = await run([...argv, '--json'], { cwd, env })
    expect({ argv, code, err: code === 0 ? '' : err }).toEqual({ argv, code: 0, err: '' })
  }

  const { out } = await run(['keys', 'list', '--json'], { cwd, env })
  expect(JSON.parse(out)).toMatchObject([{ name: 'ci', revoked_at: expect.any(String) }])
  expect(existsSync(join(cwd, '.anthology', 'anthology.sqlite'))).toBe(false)
})

test('a store is copied, compared and found to differ, with exit codes', async () => {
  const cwd = temporaryFolder()
  const url = await postgres.createDatabase()
  await run(['keys', 'create', '--name', 'ci'], { cwd })

  const copied = await run(['store', 'copy', '.anthology', url], { cwd })
  const again = await run(['store', 'copy', '.anthology', url], { cwd })
  await run(['keys', 'revoke', 'ci', '--store', url], { cwd })
  const differs = await run(['store', 'compare', '.anthology', url, '--json'], { cwd })

  expect(copied).toMatchObject({ code: 0 })
  expect(copied.out).toContain('every column is equal')
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toContain('has rows')
  expect(differs.code).toBe(1)
  expect(JSON.parse(differs.out)).toMatchObject({
    equal: false,
    differences: expect.arrayContaining([{ table: 'keys', column: 'revoked_at_ms' }]),
  })
  expect(copied.out + copied.err + again.err).not.toContain('a-password-of-tests')
})

test('a backup is restored into an empty store, and merged into one in use', async () => {
  const cwd = temporaryFolder()
  const url = await postgres.createDatabase()
  await run(['keys', 'create', '--name', 'ci', '--store', url], { cwd })

  const made = await run(['backup', 'b.sqlite', '--store', url], { cwd })
  const fresh = await run(['restore', 'b.sqlite', '--json'], { cwd })
  const merged = await run(['restore', 'b.sqlite', '--json', '--store', url], { cwd })
  const existing = await run(['backup', 'b.sqlite', '--store', url], { cwd })

  expect(made.code).toBe(0)
  expect(JSON.parse(fresh.out)).toMatchObject({ merged: false })
  expect(JSON.parse(merged.out)).toMatchObject({ merged: true })
  expect(existing).toMatchObject({ code: 1, out: '' })
  const { out } = await run(['keys', 'list', '--json'], { cwd })
  expect(JSON.parse(out)).toMatchObject([{ name: 'ci' }])
})

test('a file that is no backup changes nothing, and the message names it', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  writeFileSync(join(cwd, 'text'), 'hello')
  writeFileSync(join(cwd, 'empty'), '')
  await run(['backup', 'cut.sqlite'], { cwd })
  truncateSync(join(cwd, 'cut.sqlite'), 20_000)
  const messages: string[] = []
  for (const name of ['text', 'empty', 'cut.sqlite']) {
    const { code, err } = await run(['restore', name, '--data', 'new'], { cwd })
    messages.push(`${code} ${err.replaceAll(cwd, '')}`)
  }

  expect(messages).toEqual([
    expect.stringContaining('1 anthology: /text cannot be restored: file is not a database'),
    expect.stringContaining('1 anthology: /empty cannot be restored: it has no table of calls'),
    expect.stringContaining('1 anthology: /cut.sqlite cannot be restored: '),
  ])
  expect(existsSync(join(cwd, 'new'))).toBe(false)
})

test('a backup is for its owner only, and its folder must exist', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  await run(['backup', 'b.sqlite'], { cwd })

  const missing = await run(['backup', 'missing/b.sqlite'], { cwd })

  expect(statSync(join(cwd, 'b.sqlite')).mode & 0o777).toBe(0o600)
  expect(missing).toMatchObject({ code: 1, out: '' })
  expect(missing.err).toContain(`there is no folder ${join(cwd, 'missing')}\n`)
})

test('a backup of a newer version is not restored, and the message names it', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  await run(['backup', 'b.sqlite'], { cwd })
  execute(join(cwd, 'b.sqlite'), 'PRAGMA user_version = 9999')

  const { code, err } = await run(['restore', 'b.sqlite', '--data', 'new'], { cwd })

  expect(code).toBe(1)
  expect(err).toContain('b.sqlite cannot be restored: it was written by a newer Anthology (schema 9999)')
  expect(readdirSync(cwd).toSorted()).toEqual(['.anthology', 'b.sqlite'])
})

test('a backup is restored from a folder that cannot be written', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  await run(['backup', 'b.sqlite'], { cwd })
  const open = openSync(join(cwd, 'b.sqlite'), 'r')

  const { code, err } = await run(['restore', `/dev/fd/${open}`, '--data', 'new'], { cwd })
  closeSync(open)

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect((await run(['store', 'compare', '.anthology', 'new'], { cwd })).code).toBe(0)
})

test('a backup whose index lacks a row is not restored', async () => {
  const cwd = temporaryFolder()
  for (const name of ['ci', 'cd']) await run(['keys', 'create', '--name', name], { cwd })
  await run(['backup', 'b.sqlite'], { cwd })
  const bytes = readFileSync(join(cwd, 'b.sqlite'))
  const found = execute(
    join(cwd, 'b.sqlite'),
    "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_keys_1'",
  )
  const page = bytes.subarray(4_096 * (Number(found?.['rootpage']) - 1)).subarray(0, 4_096)
  const at = page.indexOf('key_')
  page[at + 6] = (page[at + 6] ?? 0) ^ 1
  writeFileSync(join(cwd, 'b.sqlite'), bytes)

  const { code, err } = await run(['restore', 'b.sqlite', '--data', 'new'], { cwd })

  expect(code).toBe(1)
  expect(err).toContain('b.sqlite cannot be restored: ')
})

function execute(file: string, sql: string) {
  const database = new DatabaseSync(file)
  try {
    return database.prepare(sql).get()
  } finally {
    database.close()
  }
}

test('a database whose log has rows that it lacks is no backup', async () => {
  const cwd = temporaryFolder()
  const database = openDatabase(join(cwd, '.anthology'))
  const { code, err } = await run(['restore', '.anthology/anthology.sqlite', '--data', 'new'], { cwd })
  database.close()

  expect(code).toBe(1)
  expect(err).toContain('is a database in use')
})

test('replay of a folder that no server has used fails, and creates nothing', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'other'))

  for (const name of ['typo', 'other']) {
    const { code, err } = await run(['store', 'replay', name], { cwd })
    expect({ name, code }).toEqual({ name, code: 1 })
    expect(err).toContain(`${join(cwd, name)} is not the data folder of a server`)
  }
  expect(readdirSync(cwd)).toEqual(['other'])
  expect(readdirSync(join(cwd, 'other'))).toEqual([])
})

test('doctor describes PostgreSQL, before its first start, after it, and when it cannot be reached', async () => {
  const cwd = temporaryFolder()
  const url = await postgres.createDatabase()
  const inspect = async (store: string) => {
    const { out } = await run(['doctor', '--json', '--offline', '--store', store], { cwd })
    const { findings } = JSON.parse(out) as { findings: { area: string; text: string; state: string }[] }
    return findings.find(({ area }) => area === 'Store')
  }

  const before = await inspect(url)
  await (await openStore({ dataFolder: cwd, store: url })).close()
  const after = await inspect(url)
  const unreachable = await inspect('postgres://nobody:secret-word@127.0.0.1:9/none')

  expect(before).toMatchObject({ state: 'ok', text: expect.stringContaining('no tables yet') })
  expect(after).toMatchObject({ state: 'ok', text: expect.stringContaining('about 0 calls') })
  expect(unreachable).toMatchObject({ state: 'fail', text: expect.stringContaining('cannot be reached') })
  expect(JSON.stringify(unreachable)).not.toContain('secret-word')
})

test.each([
  'POSTGRES://anthology:secret-word@127.0.0.1/x',
  'mysql://anthology:secret-word@127.0.0.1/x',
  ' postgres://anthology:secret-word@127.0.0.1/x',
  'postgres:/anthology:secret-word@127.0.0.1/x',
  'anthology:secret-word@127.0.0.1/x',
])('the mistyped URL %j becomes no file or folder, and its password is not printed', async (url) => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })

  for (const argv of [
    ['store', 'copy', '.anthology', url],
    ['store', 'copy', url, 'new'],
    ['store', 'compare', '.anthology', url],
    ['store', 'replay', url],
    ['backup', url],
    ['restore', url],
    ['keys', 'create', '--name', 'ci', '--data', url],
  ]) {
    const { code, out, err } = await run(argv, { cwd })
    expect({ argv, code, out }).toEqual({ argv, code: 2, out: '' })
    expect(err).toMatch(/, not (?:a|another) URL\n/)
    expect(err).not.toContain('secret-word')
  }
  expect(readdirSync(cwd)).toEqual(['.anthology'])
})

test.each([
  ['postgres://u:secret-word@host.invalid/x', 'postgres://host.invalid/x cannot be reached: ', 'Check '],
  ['postgres://u:secret/word@h:5/x', 'the store URL is not valid', 'with %40 for @'],
])('the store %s is reported by its fault, without its password', async (url, problem, hint) => {
  const { code, err } = await run(['usage', '--store', url], { cwd: temporaryFolder() })

  expect(code).toBe(1)
  expect(err).toContain(`anthology: ${problem}`)
  expect(err).toContain(hint)
  expect(err).not.toContain('secret')
})

test.each([
  [['store'], 'store needs an action'],
  [['store', 'move'], 'store has no action move'],
  [['store', 'copy', 'one'], 'store copy needs two stores'],
  [['store', 'copy', 'one', './one'], 'store copy needs two different stores'],
  [['store', 'compare', 'postgres://h/x', 'postgres://h/x'], 'store compare needs two different stores'],
  [['backup'], 'backup needs one file'],
  [['restore', 'a', 'b'], 'restore needs one file'],
  [['keys', 'list', '--store', 'mysql://x'], 'must be a postgres:// URL'],
])('%j is wrong use', async (argv, message) => {
  const { code, err } = await run(argv, { cwd: temporaryFolder() })

  expect(code).toBe(2)
  expect(err).toContain(message)
})
