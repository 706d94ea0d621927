import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DatabaseSync } from 'node:sqlite'

import { expect, onTestFinished, test } from 'vitest'

import type { KeyRecord } from '../../src/auth/key-record.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { insertKey, listAllKeys, revokeKey, rotateKey } from '../../src/organization/keys.ts'
import { ensureWorkspaces } from '../../src/organization/workspaces.ts'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'

test('revokes a key by its id or by its name', async () => {
  const { database } = await openStore()
  const first = createKey('first', null, 1).record
  const second = createKey('second', null, 2).record
  await insertKey(database, first)
  await insertKey(database, second)

  const revoked = [await revokeKey(database, first.id, 10), await revokeKey(database, 'second', 11)]

  expect(revoked.map(({ id }) => id)).toEqual([first.id, second.id])
  expect((await listAllKeys(database)).map((key) => key.revokedAtMs)).toEqual([10, 11])
})

test('revokes by name the only live key', async () => {
  const { database } = await openStore()
  const old = createKey('team', null, 1).record
  const fresh = createKey('team', null, 2).record
  await insertKey(database, old)
  await revokeKey(database, old.id, 5)
  await insertKey(database, fresh)

  expect((await revokeKey(database, 'team', 10)).id).toBe(fresh.id)
})

test.each([
  ['nobody', "no live key 'nobody'"],
  ['twice', "2 live keys are named 'twice'"],
  ['gone', "no live key 'gone'"],
])('rejects %s instead of guessing the key', async (name, message) => {
  const { database, connection } = await openStore()
  for (const [index, each] of ['twice', 'twice', 'gone'].entries())
    insertOldKey(connection, createKey(each, null, index).record)
  await revokeKey(database, 'gone', 5)

  await expect(revokeKey(database, name, 10)).rejects.toMatchObject({ code: 'not_found', message })
  expect((await listAllKeys(database)).filter((key) => key.revokedAtMs === 10)).toEqual([])
})

test('a name belongs to one live key, and is free again once that key is revoked', async () => {
  const { database } = await openStore()
  const first = createKey('ci', null, 1).record
  await insertKey(database, first)
  const aws = { accessKeyId: 'AKIAEXAMPLE', version: 1 }

  const insert = () => insertKey(database, { ...createKey('ci', null, 2).record, aws })

  await expect(insert()).rejects.toMatchObject({
    code: 'name_taken',
    message: "a live key is named 'ci' already",
  })
  expect(await listAllKeys(database)).toEqual([first])
  await revokeKey(database, 'ci', 5)
  await insert()
  expect((await listAllKeys(database)).map(({ name, revokedAtMs }) => [name, revokedAtMs])).toEqual([
    ['ci', 5],
    ['ci', null],
  ])
})

test('no key can be named like the id of another', async () => {
  const { database } = await openStore()
  const first = createKey('ci', null, 1).record
  await insertKey(database, first)

  await expect(insertKey(database, createKey(first.id, null, 2).record)).rejects.toThrow(/already/)
})

test('of several processes that create a key of one name at once, one succeeds', async () => {
  const { folder, database } = await openStore()
  const path = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href)
  const code = `
    import { createKey } from ${path('auth/key-ring.ts')}
    import { openDatabase } from ${path('store/sqlite/database.ts')}
    import { createSqliteDatabase } from ${path('store/sqlite/sqlite-database.ts')}
    import { insertKey } from ${path('organization/keys.ts')}
    const database = createSqliteDatabase(openDatabase(process.argv[1]))
    await database.transaction((queries) => insertKey(queries, createKey('ci', null, 1).record))`
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', code, folder], { stdio: 'ignore' }),
  )

  const codes = await Promise.all(
    children.map(async (child) => (await once(child, 'exit'))[0] as number | null),
  )

  expect(codes.filter((exitCode) => exitCode === 0)).toHaveLength(1)
  expect(await listAllKeys(database)).toHaveLength(1)
})

test('live keys of one name, from an earlier version, can be listed and revoked by id', async () => {
  const { database, connection } = await openStore()
  const [one, other] = [createKey('ci', null, 1).record, createKey('ci', null, 2).record]
  insertOldKey(connection, one)
  insertOldKey(connection, other)

  await expect(revokeKey(database, 'ci', 5)).rejects.toMatchObject({
    hint: `Name it by its id: ${one.id}, ${other.id}`,
  })
  expect((await revokeKey(database, one.id, 5)).id).toBe(one.id)
  expect((await revokeKey(database, 'ci', 6)).id).toBe(other.id)
})

test('rejects a second record of a key', async () => {
  const { database } = await openStore()
  const { record } = createKey('team', null, 1)
  await insertKey(database, record)

  await expect(insertKey(database, { ...record, id: 'key_other', name: 'other' })).rejects.toThrow(/UNIQUE/)
})

test('a rotation keeps the secret before it, and its AWS credentials, and ends those of an earlier one', async () => {
  const { database } = await openStore()
  const aws = (id: string) => ({ accessKeyId: id, version: 1 })
  const record = { ...createKey('ci', null, 1).record, aws: aws('AKIA1') }
  await insertKey(database, record)

  await rotateKey(database, 'ci', { hash: 'two', hint: null, aws: aws('AKIA2'), validUntilMs: 50 })
  await rotateKey(database, 'ci', { hash: 'three', hint: null, aws: aws('AKIA3'), validUntilMs: 60 })

  expect(await listAllKeys(database)).toEqual([
    {
      ...record,
      hash: 'three',
      hint: null,
      aws: aws('AKIA3'),
      previous: { hash: 'two', aws: aws('AKIA2'), validUntilMs: 60 },
    },
  ])
})

async function openStore(): Promise<{
  readonly folder: string
  readonly connection: DatabaseSync
  readonly database: Database
}> {
  const folder = temporaryFolder()
  const connection = openDatabase(folder)
  const database = createSqliteDatabase(connection)
  onTestFinished(() => database.close())
  await ensureWorkspaces(database, [], 1)
  return { folder, connection, database }
}

/** Earlier versions did not look at the names of other keys. */
function insertOldKey(database: DatabaseSync, { id, name, hash, createdAtMs }: KeyRecord): void {
  database
    .prepare('INSERT INTO keys (id, name, hash, created_at_ms) VALUES (?, ?, ?, ?)')
    .run(id, name, hash, createdAtMs)
}
