import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createBatchReader } from '../../src/ledger/batch-reader.ts'
import { JournalWriter } from '../../src/ledger/journal-writer.ts'
import type { JournalWriterOptions } from '../../src/ledger/journal-writer.ts'
import { findSegments, listJournalPlaces } from '../../src/store/journal-folder.ts'
import { readJournal } from '../../src/store/journal.ts'
import { until } from '../condition.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart } from './call-rows.ts'

test('writes everything of one turn of the event loop as one record, in the order of the calls', async () => {
  const { journal, readRecords } = open()

  await Promise.all([
    journal.write({ start: callStart({ id: 'req_1' }), end: null }),
    journal.write(ended('req_2')),
    journal.change({ kind: 'deleted', id: 'file_1' }),
  ])
  await journal.write(ended('req_1'))

  expect(readRecords()).toEqual([
    { starts: ['req_1'], calls: ['req_2'], changes: 1 },
    { starts: [], calls: ['req_1'], changes: 0 },
  ])
})

test('has a row in the file when the write resolves, with either durability', async () => {
  for (const durability of ['process', 'power'] as const) {
    const { journal, folder, readRecords } = open({ durability, segmentBytes: 300 })

    await Promise.all([journal.write(ended('req_1')), journal.change({ kind: 'deleted', id: 'file_1' })])
    const first = readRecords().flatMap(({ calls }) => calls)
    await journal.write(ended('req_2'))
    await journal.write(ended('req_3'))

    expect(first).toEqual(['req_1'])
    expect(readRecords().flatMap(({ calls }) => calls)).toEqual(['req_1', 'req_2', 'req_3'])
    expect(findSegments(folder).length).toBeGreaterThan(1)
  }
})

test('a new segment begins with the calls that still run', async () => {
  const { journal, folder } = open({ segmentBytes: 300 })
  await journal.write({ start: callStart({ id: 'req_long' }), end: null })
  await journal.write({ start: callStart({ id: 'req_1' }), end: null })
  await journal.write(ended('req_1'))
  await journal.write(ended('req_2'))

  const last = findSegments(folder).at(-1)
  const [columns = '', head = ''] = readJournal(last?.path ?? '')

  expect(last?.number).toBeGreaterThan(1)
  expect(createBatchReader(columns)(head).starts.map(([id]) => id)).toEqual(['req_long'])
})

test('after its files were removed, a new one has every row that the store lacks, once', async () => {
  const { journal, folder, readRecords } = open({ segmentBytes: 20_000 })
  const readIds = () => readRecords().flatMap(({ calls }) => calls)
  const write = async (first: number, count: number) => {
    for (let call = first; call < first + count; call += 1) await journal.write(ended(`req_${call}`))
  }
  await write(0, 100)
  const half = findSegments(folder)
  const last = half.at(-1)
  journal.noteStored({ segment: last?.number ?? 0, offset: statSync(last?.path ?? '').size })
  const stored = readIds()
  await write(100, 100)
  const segments = findSegments(folder).length

  rmSync(join(folder, 'journal'), { recursive: true })
  await write(200, 1)
  rmSync(join(folder, 'journal'), { recursive: true })
  await write(201, 1)

  expect([half.length > 1, segments > half.length + 1, stored.length]).toEqual([true, true, 100])
  expect(readIds()).toEqual(Array.from({ length: 102 }, (_, at) => `req_${100 + at}`))
})

test('rejects a row that no place takes in time, and writes it once one does', async () => {
  const failures: string[] = []
  const { journal, folder, readRecords } = open(
    { waitMs: 50, onFailure: (message) => failures.push(message) },
    '/dev/null/none',
  )
  await journal.write(ended('req_1'))

  renameSync(folder, `${folder}-away`)
  const late = journal.write(ended('req_2'))
  await expect(late).rejects.toMatchObject({ code: 'ledger_failed' })
  const { failure, waiting } = journal
  renameSync(`${folder}-away`, folder)
  await until('it is written', () => journal.failure === null)

  expect([failure === null, waiting]).toEqual([false, 1])
  expect(failures).toEqual([
    expect.stringMatching(/^the journal cannot be written: .*; check the disk and the data folder$/),
  ])
  expect(new Set(readRecords().flatMap(({ calls }) => calls))).toEqual(new Set(['req_1', 'req_2']))
  expect(journal.waiting).toBe(0)
})

test('makes no file until there is a row, and counts what the store lacks', async () => {
  const { journal, folder } = open()
  const before = [existsSync(join(folder, 'journal')), journal.getLag().records]

  await journal.write(ended('req_1'))
  const size = readFileSync(findSegments(folder)[0]?.path ?? '').length
  const { records, bytes } = journal.getLag()
  journal.noteStored({ segment: 1, offset: size })

  expect(before).toEqual([false, 0])
  expect([records, bytes > 0 && bytes < size]).toEqual([1, true])
  expect(journal.getLag()).toEqual({ records: 0, bytes: 0, oldestMs: 0 })
})

function open(given: Partial<JournalWriterOptions> = {}, emergencyFolder?: string) {
  const folder = temporaryFolder()
  const journal = new JournalWriter({
    places: listJournalPlaces(folder, emergencyFolder),
    source: 'one',
    durability: 'process',
    waitMs: 5_000,
    onAppended: () => {},
    onFailure: () => {},
    ...given,
  })
  onTestFinished(async () => void (await journal.close()))
  const readRecords = () =>
    findSegments(folder, emergencyFolder).flatMap(({ path }) => {
      const [columns = '', ...records] = readJournal(path)
      return records.map(createBatchReader(columns)).map(({ starts, calls, changes }) => ({
        starts: starts.map(([id]) => id),
        calls: calls.map(([id]) => id),
        changes: changes.length,
      }))
    })
  return { journal, folder, readRecords }
}

function ended(id: string) {
  return { start: callStart({ id }), end: callEnd() }
}
