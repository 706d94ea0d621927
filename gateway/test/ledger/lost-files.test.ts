import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, onTestFinished, test } from 'vitest'

import { openLedger } from '../../src/ledger/ledger.ts'
import type { OwnLedger } from '../../src/ledger/ledger.ts'
import type { LogEntry } from '../../src/log.ts'
import { findEmergencyFiles } from '../../src/store/emergency-file.ts'
import { until } from '../condition.ts'
import { readRows, temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart } from './call-rows.ts'

test.each<[string, (dataFolder: string) => void]>([
  ['the folder is removed', (folder) => rmSync(folder, { recursive: true })],
  ['the folder is renamed', (folder) => renameSync(folder, `${folder}-old`)],
  [
    'the folder is replaced by a copy',
    (folder) => {
      renameSync(folder, `${folder}-old`)
      cpSync(`${folder}-old`, folder, { recursive: true })
    },
  ],
  ['the database is removed', (folder) => rmSync(join(folder, 'anthology.sqlite'))],
  ['its write-ahead log is removed', (folder) => rmSync(join(folder, 'anthology.sqlite-wal'))],
  ['its shared memory is removed', (folder) => rmSync(join(folder, 'anthology.sqlite-shm'))],
  ['the lock is removed', (folder) => rmSync(join(folder, 'lock.sqlite'))],
])('notices without a call that %s, and keeps later rows for the next start', async (_, remove) => {
  const { ledger, dataFolder, emergencyFolder, failures } = await open()
  await ledger.write({ start: callStart({ id: 'req_before' }), end: callEnd() })

  remove(dataFolder)
  await until('it is noticed', () => !ledger.healthy)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.write({ start: callStart({ id: 'req_open' }), end: null })
  const healthyAfter = ledger.healthy
  await ledger.close()

  expect(healthyAfter).toBe(false)
  expect(failures[0]).toMatch(/was removed or replaced while the server runs; restart the server$/)
  expect(failures.at(-1)).toMatch(/^2 rows are kept in .*; the next start stores them$/)
  const next = await open({ dataFolder, emergencyFolder })
  const outcomes = new Map(readRows(dataFolder).map((row) => [row['id'], row['outcome']]))
  expect([outcomes.get('req_1'), outcomes.get('req_open')]).toEqual(['answered', 'unknown'])
  expect(next.entries.filter(({ event }) => event === 'rows_recovered')).toMatchObject([{ rows: 2 }])
  expect(findEmergencyFiles(dataFolder, emergencyFolder)).toEqual([])
})

test('keeps the row of a call that runs while the folder is removed', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()

  rmSync(dataFolder, { recursive: true })
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })

  expect(ledger.healthy).toBe(false)
  expect(existsSync(dataFolder)).toBe(false)
  expect(readdirSync(emergencyFolder)).toEqual([
    expect.stringMatching(/^emergency-[0-9a-f]{16}-\w+\.journal$/),
  ])
})

test('takes rows again once the folder is back, and stores those that came meanwhile', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  renameSync(dataFolder, `${dataFolder}-away`)
  await until('it is noticed', () => !ledger.healthy)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })

  renameSync(`${dataFolder}-away`, dataFolder)
  await until('it takes rows again', () => ledger.healthy)

  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
  expect(findEmergencyFiles(dataFolder, emergencyFolder)).toEqual([])
})

test('is healthy again without a row once the folder is back', async () => {
  const { ledger, dataFolder } = await open()
  renameSync(dataFolder, `${dataFolder}-away`)
  await until('it is noticed', () => !ledger.healthy)

  renameSync(`${dataFolder}-away`, dataFolder)

  await until('it is healthy again', () => ledger.healthy)
})

test('a full disk loses no row: those of the emergency file are stored once there is room', async () => {
  const { ledger, dataFolder, emergencyFolder, failures } = await open()
  const freeDisk = fillDisk(dataFolder)

  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  const files = findEmergencyFiles(dataFolder, emergencyFolder)
  freeDisk()
  await until('it takes rows again', () => ledger.healthy)

  expect(files).toHaveLength(1)
  expect(failures).toEqual([`database or disk is full; the rows are kept in ${files[0]}`])
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
  expect(findEmergencyFiles(dataFolder, emergencyFolder)).toEqual([])
})

test('a file that was read but not deleted changes nothing when it is read again', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  const freeDisk = fillDisk(dataFolder)
  await ledger.write({ start: callStart({ id: 'req_open' }), end: null })
  const [file = ''] = findEmergencyFiles(dataFolder, emergencyFolder)
  cpSync(file, `${file}.copy`)
  freeDisk()
  // Its end comes after its start was kept.
  await ledger.write({ start: callStart({ id: 'req_open' }), end: callEnd() })
  await ledger.close()
  const before = readRows(dataFolder)
  renameSync(`${file}.copy`, file)

  await open({ dataFolder, emergencyFolder })

  expect(before).toMatchObject([{ id: 'req_open', outcome: 'answered' }])
  expect(readRows(dataFolder)).toEqual(before)
})

test('a start that cannot store kept rows names their file and the next step', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  const freeDisk = fillDisk(dataFolder)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.close()
  const [file = ''] = findEmergencyFiles(dataFolder, emergencyFolder)

  await expect(open({ dataFolder, emergencyFolder })).rejects.toMatchObject({
    message: `the rows in ${file} cannot be stored: database or disk is full`,
    hint: expect.stringContaining('Free space'),
  })
  freeDisk()
  await open({ dataFolder, emergencyFolder })
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
})

test.each([
  ['that is no database', (file: string) => writeFileSync(file, 'x'.repeat(20_000))],
  ['with destroyed pages', damagePages],
])('a database %s stops the start with its path and the next step', async (_, damage) => {
  const { ledger, dataFolder } = await open()
  for (let at = 0; at < 50; at += 1)
    await ledger.write({ start: callStart({ id: `req_${at}` }), end: callEnd() })
  await ledger.close()
  const file = join(dataFolder, 'anthology.sqlite')
  damage(file)

  await expect(open({ dataFolder })).rejects.toMatchObject({
    code: 'data_folder_damaged',
    message: expect.stringContaining(`the database ${file} is damaged: `),
    hint: expect.stringContaining('backup'),
  })
})

test('a lock that is no database stops the start with its path, not as a second server', async () => {
  const dataFolder = temporaryFolder()
  writeFileSync(join(dataFolder, 'lock.sqlite'), 'x'.repeat(20_000))

  await expect(open({ dataFolder })).rejects.toMatchObject({
    code: 'data_folder_damaged',
    message: expect.stringContaining(join(dataFolder, 'lock.sqlite')),
    hint: expect.stringContaining('remove'),
  })
})

async function open(given: { dataFolder?: string; emergencyFolder?: string } = {}): Promise<{
  ledger: OwnLedger
  dataFolder: string
  emergencyFolder: string
  failures: readonly string[]
  entries: readonly LogEntry[]
}> {
  const dataFolder = given.dataFolder ?? join(temporaryFolder(), 'data')
  const emergencyFolder = given.emergencyFolder ?? join(temporaryFolder(), 'emergency')
  const failures: string[] = []
  const entries: LogEntry[] = []
  const ledger = await openLedger({
    dataFolder,
    emergencyFolder,
    waitMs: 1_000,
    onFailure: (message) => failures.push(message),
    log: (entry) => entries.push(entry),
  })
  onTestFinished(() => ledger.close())
  return { ledger, dataFolder, emergencyFolder, failures, entries }
}

/** Makes every insert fail with the message of a full disk; returns a function that ends this. */
function fillDisk(dataFolder: string): () => void {
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  const tables = ['calls', 'open_calls']
  for (const table of tables)
    other.exec(
      `CREATE TRIGGER full_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    )
  return () => tables.forEach((table) => other.exec(`DROP TRIGGER full_${table}`))
}

/** Overwrites everything behind the first page, which has the schema's root. */
function damagePages(file: string): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(statSync(file).size - 4_096, 0xa5), 0, undefined, 4_096)
  closeSync(handle)
}
