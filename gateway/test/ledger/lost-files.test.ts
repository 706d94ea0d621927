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
import { setTimeout } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { openLedger } from '../../src/ledger/ledger.ts'
import type { OwnLedger } from '../../src/ledger/ledger.ts'
import type { LogEntry } from '../../src/log.ts'
import { findSegments } from '../../src/store/journal-folder.ts'
import { openJournal } from '../../src/store/journal.ts'
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
  await until('it is stored', () => ledger.lag.records === 0)

  remove(dataFolder)
  await until('it is noticed', () => !ledger.healthy)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.write({ start: callStart({ id: 'req_open' }), end: null })
  const healthyAfter = ledger.healthy
  await ledger.close()

  expect(healthyAfter).toBe(false)
  expect(failures[0]).toMatch(/was removed or replaced while the server runs; restart the server$/)
  expect(failures.at(-1)).toBe('the last calls are kept in the journal; the next start stores them')
  const next = await open({ dataFolder, emergencyFolder })
  const outcomes = new Map(readRows(dataFolder).map((row) => [row['id'], row['outcome']]))
  expect([outcomes.get('req_1'), outcomes.get('req_open')]).toEqual(['answered', 'unknown'])
  expect(next.ledger.abandoned).toBe(1)
  await next.ledger.close()
  expect(findSegments(dataFolder, emergencyFolder)).toEqual([])
})

test('keeps the row of a call that runs while the folder is removed', async () => {
  const { ledger, dataFolder, emergencyFolder, failures } = await open()
  await ledger.write({ start: callStart({ id: 'req_1' }), end: null })

  rmSync(dataFolder, { recursive: true })
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })

  expect(ledger.healthy).toBe(false)
  expect(existsSync(dataFolder)).toBe(false)
  const [name = ''] = readdirSync(emergencyFolder)
  expect(name).toMatch(/^emergency-[0-9a-f]{16}-\d+-\w+-000002\.journal$/)
  expect(failures[0]).toContain(`running calls are kept in ${join(emergencyFolder, name)}; check the disk`)
})

test('writes on in a new file when only the journal is removed, and loses no row that was in it', async () => {
  const { ledger, dataFolder } = await open()
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  // The removed file has a row that the database lacks.
  const freeDisk = fillDisk(dataFolder)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.write({ start: callStart({ id: 'req_2' }), end: null })

  rmSync(join(dataFolder, 'journal'), { recursive: true })
  await ledger.write({ start: callStart({ id: 'req_3' }), end: callEnd() })
  const { healthy } = ledger
  freeDisk()
  await ledger.write({ start: callStart({ id: 'req_2' }), end: callEnd() })

  expect(healthy).toBe(true)
  expect(readRows(dataFolder).map((row) => [row['id'], row['outcome']])).toEqual([
    ['req_1', 'answered'],
    ['req_3', 'answered'],
    ['req_2', 'answered'],
  ])
})

test('takes rows again once the folder is back, and stores those that came meanwhile', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  renameSync(dataFolder, `${dataFolder}-away`)
  await until('it is noticed', () => !ledger.healthy)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })

  renameSync(`${dataFolder}-away`, dataFolder)
  await until('it takes rows again', () => ledger.healthy && ledger.lag.records === 0)

  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
  await until('the emergency folder is empty', () => readdirSync(emergencyFolder).length === 0)
})

test('is healthy again without a row once the folder is back', async () => {
  const { ledger, dataFolder } = await open()
  renameSync(dataFolder, `${dataFolder}-away`)
  await until('it is noticed', () => !ledger.healthy)

  renameSync(`${dataFolder}-away`, dataFolder)

  await until('it is healthy again', () => ledger.healthy)
})

test('a full database loses no row: those of the journal are stored once there is room', async () => {
  const { ledger, dataFolder, failures } = await open()
  const freeDisk = fillDisk(dataFolder)

  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await until('it is noticed', () => failures.length > 0)
  const lag = ledger.lag.records
  freeDisk()
  await until('the database has everything', () => ledger.lag.records === 0)

  expect(lag).toBe(1)
  expect(failures).toEqual([
    'database or disk is full; the calls are kept in the journal until the database takes them',
  ])
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
})

test('a journal that was stored but not removed changes nothing when it is read again', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  await ledger.write({ start: callStart({ id: 'req_open' }), end: null })
  const [{ path } = { path: '' }] = findSegments(dataFolder)
  cpSync(path, `${path}.copy`)
  await ledger.write({ start: callStart({ id: 'req_open' }), end: callEnd() })
  await ledger.close()
  const before = readRows(dataFolder)
  renameSync(`${path}.copy`, path)

  const next = await open({ dataFolder, emergencyFolder })
  await next.ledger.close()

  expect(before).toMatchObject([{ id: 'req_open', outcome: 'answered' }])
  expect(readRows(dataFolder)).toEqual(before)
})

test('a start that cannot store the rows of a journal names its file and the next step', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  const freeDisk = fillDisk(dataFolder)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.close()
  const [{ path } = { path: '' }] = findSegments(dataFolder)

  await expect(open({ dataFolder, emergencyFolder })).rejects.toMatchObject({
    message: `the calls in ${path} cannot be stored: database or disk is full`,
    hint: 'Look for what keeps the store from writing. Then start again. To start without these calls, move the file away.',
  })
  freeDisk()
  await open({ dataFolder, emergencyFolder })
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
})

test('a start waits until another program unlocks the database', async () => {
  const { ledger, dataFolder, emergencyFolder } = await open()
  const freeDisk = fillDisk(dataFolder)
  await ledger.write({ start: callStart({ id: 'req_1' }), end: callEnd() })
  await ledger.close()
  freeDisk()
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'))
  other.exec('BEGIN IMMEDIATE')

  const opened = open({ dataFolder, emergencyFolder })
  // More than two times the wait of one statement.
  await setTimeout(1_500)
  other.exec('ROLLBACK')
  other.close()

  await (await opened).ledger.close()
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1'])
})

test('stores the rows of an emergency file of an earlier version, with three columns for each component', async () => {
  const dataFolder = temporaryFolder()
  const journal = openJournal(join(dataFolder, 'emergency-0123456789abcdef.journal'))
  const { price: _price, ...end } = callEnd()
  const { id, ...start } = callStart({ id: 'req_1' })
  const starts = { id, ...start, streamed: 0 }
  const lines = {
    input_quantity: 25,
    input_pico_usd: 15_000_000,
    input_nano_usd: 375_000,
    output_quantity: null,
  }
  const calls = { ...starts, ...end, rate_card: 'card', cost_nano_usd: 375_000, ...lines }
  journal.append([
    JSON.stringify({ starts: Object.keys(starts), calls: Object.keys(calls) }),
    JSON.stringify({
      starts: [Object.values({ ...starts, id: 'req_open' })],
      calls: [Object.values(calls)],
      changes: [],
      rejections: [],
    }),
  ])
  journal.close()

  const { ledger } = await open({ dataFolder })

  expect(ledger.abandoned).toBe(1)
  expect(readRows(dataFolder)).toMatchObject([
    {
      id: 'req_1',
      cost_nano_usd: 375_000,
      input_nano_usd: 375_000,
      input_quantity: 25,
      output_quantity: null,
    },
    { id: 'req_open', outcome: 'unknown' },
  ])
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

test('a database that is damaged while the server runs loses no row: the journal has them for the restored one', async () => {
  const { ledger, dataFolder, emergencyFolder, failures } = await open()
  for (let at = 0; at < 300; at += 1)
    await ledger.write({ start: callStart({ id: `req_${at}` }), end: callEnd() })
  await until('they are stored', () => ledger.lag.records === 0)
  const backup = new DatabaseSync(join(dataFolder, 'anthology.sqlite'))
  backup.exec(
    `PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '${join(emergencyFolder, '..', 'backup.sqlite')}'`,
  )
  backup.close()
  damagePages(join(dataFolder, 'anthology.sqlite'))

  await ledger.write({ start: callStart({ id: 'req_later' }), end: callEnd() })
  await until('it is noticed', () => failures.length > 0)
  await ledger.close()
  for (const name of ['anthology.sqlite', 'anthology.sqlite-wal', 'anthology.sqlite-shm'])
    rmSync(join(dataFolder, name), { force: true })
  renameSync(join(emergencyFolder, '..', 'backup.sqlite'), join(dataFolder, 'anthology.sqlite'))
  await open({ dataFolder, emergencyFolder })

  expect(failures[0]).toMatch(/malformed.*; the calls are kept in the journal until the database takes them$/)
  expect(readRows(dataFolder)).toHaveLength(301)
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
  other.exec(
    "CREATE TRIGGER full BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
  )
  return () => other.exec('DROP TRIGGER full')
}

/** Overwrites everything behind the first page, which has the schema's root. */
function damagePages(file: string): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(statSync(file).size - 4_096, 0xa5), 0, undefined, 4_096)
  closeSync(handle)
}
