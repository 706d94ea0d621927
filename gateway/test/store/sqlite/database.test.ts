import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { lockDataFolder, openDatabase } from '../../../src/store/sqlite/database.ts'
import { schemaVersion } from '../../../src/store/sqlite/tables.ts'
import { callEnd, callStart, writeRows } from '../../ledger/call-rows.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test('creates the folder for its owner only, and opens it again', () => {
  const folder = join(temporaryFolder(), 'deep', 'data')

  openDatabase(folder).close()
  const database = openDatabase(folder)

  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(pragma(database, 'journal_mode')).toBe('wal')
})

test.each([
  ['process', 1],
  ['power', 2],
] as const)('waits for the disk as the durability %s asks for', (durability, synchronous) => {
  const database = openDatabase(temporaryFolder(), { durability })

  expect(pragma(database, 'synchronous')).toBe(synchronous)
})

test('does not touch a folder that a newer version wrote', () => {
  const folder = temporaryFolder()
  const database = openDatabase(folder)
  database.exec('PRAGMA user_version = 9999')
  database.close()

  expect(() => openDatabase(folder)).toThrow(
    expect.objectContaining({ code: 'data_folder_too_new', hint: expect.stringContaining('Update') }),
  )
})

test('allows one server per folder until it releases the lock', () => {
  const folder = temporaryFolder()
  const lock = lockDataFolder(folder)

  expect(() => lockDataFolder(folder)).toThrow(
    expect.objectContaining({ code: 'data_folder_busy', hint: expect.stringContaining('--data') }),
  )
  lock.release()
  const next = lockDataFolder(folder)

  next.release()
})

test('allows other processes to read and write keys while a server has the folder', () => {
  const folder = temporaryFolder()
  const lock = lockDataFolder(folder)
  const database = openDatabase(folder)

  expect(database.prepare('SELECT count(*) AS n FROM keys').get()?.['n']).toBe(0)
  lock.release()
})

test('a folder of schema 12 gets the column `details`, and keeps its calls', () => {
  const folder = temporaryFolder()
  const older = openDatabase(folder)
  writeRows(older, [{ start: callStart(), end: callEnd() }])
  older.exec('DROP VIEW all_calls; ALTER TABLE calls DROP COLUMN details; PRAGMA user_version = 12')
  older.close()

  const database = openDatabase(folder)
  writeRows(database, [{ start: callStart({ id: 'req_2' }), end: callEnd({ details: '{}' }) }])

  expect(database.prepare('SELECT id, details FROM all_calls ORDER BY id').all()).toEqual([
    { id: 'req_1', details: null },
    { id: 'req_2', details: '{}' },
  ])
})

test('a folder of schema 14 gets the index of sums that have a part of their own', () => {
  const folder = temporaryFolder()
  const older = openDatabase(folder)
  older.exec('DROP INDEX rollups_apart; PRAGMA user_version = 14')
  older.close()

  const database = openDatabase(folder)

  expect(database.prepare("SELECT name FROM sqlite_master WHERE name = 'rollups_apart'").all()).toHaveLength(
    1,
  )
  expect(pragma(database, 'user_version')).toBe(schemaVersion)
})

test('a folder of schema 15 gets the process of batches, and keeps a batch that is not settled', () => {
  const folder = temporaryFolder()
  const older = openDatabase(folder)
  older.exec(`INSERT INTO resources (id, kind, key_id, upstream, created_at_ms, models, betas, hold_nano_usd)
    VALUES ('msgbatch_1', 'batch', 'key_1', 'claude', 1, '{}', '[]', 700)`)
  older.exec('ALTER TABLE resources DROP COLUMN process_id; PRAGMA user_version = 15')
  older.close()

  const database = openDatabase(folder)

  expect(database.prepare('SELECT id, hold_nano_usd, process_id FROM resources').all()).toEqual([
    { id: 'msgbatch_1', hold_nano_usd: 700, process_id: null },
  ])
  expect(pragma(database, 'user_version')).toBe(schemaVersion)
})

test('a folder of schema 16 gets the times of sessions', () => {
  const folder = temporaryFolder()
  const older = openDatabase(folder)
  const starts = [1, 599_999, 600_000, 600_001]
  writeRows(
    older,
    [...starts, 5].map((startedAtMs, at) => ({
      start: callStart({
        id: `req_${at}`,
        started_at_ms: startedAtMs,
        session_id: at < starts.length ? 'one' : null,
      }),
      end: callEnd(),
    })),
  )
  older.exec('DROP TABLE session_times; PRAGMA user_version = 16')
  older.close()

  const database = openDatabase(folder)

  expect(database.prepare('SELECT * FROM session_times ORDER BY at_ms').all()).toEqual([
    { session_id: 'one', at_ms: 0 },
    { session_id: 'one', at_ms: 600_000 },
  ])
  expect(pragma(database, 'user_version')).toBe(schemaVersion)
})

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name]
}
