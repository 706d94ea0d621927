import { expect, test } from 'vitest'

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
    insertKey(database, createKey(each, null, index).record)
  revokeKey(database, 'gone', 5)

  expect(() => revokeKey(database, name, 10)).toThrow(
    expect.objectContaining({ code: 'unknown_key', message }),
  )
  expect(listKeys(database).filter((key) => key.revokedAtMs === 10)).toEqual([])
})

test('rejects a second record of a key', () => {
  const database = openDatabase(temporaryFolder())
  const { record } = createKey('team', null, 1)
  insertKey(database, record)

  expect(() => insertKey(database, { ...record, id: 'key_other' })).toThrow(/UNIQUE/)
})
