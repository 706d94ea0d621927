import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import type { KeyRecord } from '../../../src/auth/key-record.ts'
import { createKey } from '../../../src/auth/key-ring.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { insertKey, listKeys, revokeKey } from '../../../src/store/sqlite/key-table.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test('lists keys as stored, oldest first', () => {
  const database = openDatabase(temporaryFolder())
  const first = createKey('first', null, 1).record
  const second = createKey('second', ['claude-3-haiku-20240307', 'claude-opus-4-1-20250805'], 2).record

  insertKey(database, second)
  insertKey(database, first)

  expect(listKeys(database)).toEqual([first, second])
})

test('revokes a key by its id or by its name', () => {
  const database = openDatabase(temporaryFolder())
  const first = createKey('first', null, 1).record
  const second = createKey('second', null, 2).record
  insertKey(database, first)
  insertKey(database, second)

  const revoked = [revokeKey(database, first.id, 10), revokeKey(database, 'second', 11)]

  expect(revoked).toEqual([first.id, second.id])
  expect(listKeys(database).map((key) => key.revokedAtMs)).toEqual([10, 11])
})

test('revokes by name the only live key', () => {
  const database = openDatabase(temporaryFolder())
  const old = createKey('team', null, 1).record
  const fresh = createKey('team', null, 2).record
  insertKey(database, old)
  revokeKey(database, old.id, 5)
  insertKey(database, fresh)

  expect(revokeKey(database, 'team', 10)).toBe(fresh.id)
})

test.each([
  ['nobody', "no live key 'nobody'"],
  ['twice', "2 live keys are named 'twice'"],
  ['gone', "no live key 'gone'"],
])('rejects %s instead of guessing the key', (name, message) => {
  const database = openDatabase(temporaryFolder())
  for (const [index, each] of ['twice', 'twice', 'gone'].entries())
    insertOldKey(database, createKey(each, null, index).record)
  revokeKey(database, 'gone', 5)

  expect(() => revokeKey(database, name, 10)).toThrow(
    expect.objectContaining({ code: 'unknown_key', message }),
  )
  expect(listKeys(database).filter((key) => key.revokedAtMs === 10)).toEqual([])
})

test('a name belongs to one live key, and is free again once that key is revoked', () => {
  const database = openDatabase(temporaryFolder())
  const first = createKey('ci', null, 1).record
  insertKey(database, first)
  const aws = { accessKeyId: 'AKIAEXAMPLE', version: 1 }

  const insert = () => insertKey(database, { ...createKey('ci', null, 2).record, aws })

  expect(insert).toThrow(
    expect.objectContaining({ code: 'key_name_taken', message: "a live key is named 'ci' already" }),
  )
  expect(listKeys(database)).toEqual([first])
  revokeKey(database, 'ci', 5)
  insert()
  expect(listKeys(database).map(({ name, revokedAtMs }) => [name, revokedAtMs])).toEqual([
    ['ci', 5],
    ['ci', null],
  ])
})

test('no key can be named like the id of another', () => {
  const database = openDatabase(temporaryFolder())
  const first = createKey('ci', null, 1).record
  insertKey(database, first)

  expect(() => insertKey(database, createKey(first.id, null, 2).record)).toThrow(/already/)
})

test('of several processes that create a key of one name at once, one succeeds', async () => {
  const folder = temporaryFolder()
  openDatabase(folder).close()
  const path = (file: string) => JSON.stringify(new URL(`../../../src/${file}`, import.meta.url).href)
  const code = `
    import { createKey } from ${path('auth/key-ring.ts')}
    import { openDatabase } from ${path('store/sqlite/database.ts')}
    import { insertKey } from ${path('store/sqlite/key-table.ts')}
    insertKey(openDatabase(process.argv[1]), createKey('ci', null, 1).record)`
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', code, folder], { stdio: 'ignore' }),
  )

  const codes = await Promise.all(
    children.map(async (child) => (await once(child, 'exit'))[0] as number | null),
  )

  expect(codes.filter((exitCode) => exitCode === 0)).toHaveLength(1)
  expect(listKeys(openDatabase(folder))).toHaveLength(1)
})

test('live keys of one name, from an earlier version, can be listed and revoked by id', () => {
  const database = openDatabase(temporaryFolder())
  const [one, other] = [createKey('ci', null, 1).record, createKey('ci', null, 2).record]
  insertOldKey(database, one)
  insertOldKey(database, other)

  expect(() => revokeKey(database, 'ci', 5)).toThrow(
    expect.objectContaining({ hint: `Revoke each by its id: ${one.id}, ${other.id}` }),
  )
  expect(revokeKey(database, one.id, 5)).toBe(one.id)
  expect(revokeKey(database, 'ci', 6)).toBe(other.id)
})

test('rejects a second record of a key', () => {
  const database = openDatabase(temporaryFolder())
  const { record } = createKey('team', null, 1)
  insertKey(database, record)

  expect(() => insertKey(database, { ...record, id: 'key_other', name: 'other' })).toThrow(/UNIQUE/)
})

/** Earlier versions did not look at the names of other keys. */
function insertOldKey(database: DatabaseSync, { id, name, hash, createdAtMs }: KeyRecord): void {
  database
    .prepare('INSERT INTO keys (id, name, hash, created_at_ms) VALUES (?, ?, ?, ?)')
    .run(id, name, hash, createdAtMs)
}
