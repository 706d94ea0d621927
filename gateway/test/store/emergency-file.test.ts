import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createEmergencyFile, findEmergencyFiles, readEmergencyFile } from '../../src/store/emergency-file.ts'
import { openJournal } from '../../src/store/journal.ts'
import { callColumns, decodeBatch, encodeBatch, startColumns } from '../../src/ledger/row-codec.ts'
import { callEnd, callStart } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'

test('keeps each waiting batch once, in the data folder, and deletes them when the database has them', () => {
  const { data, other } = createFolders()
  const file = createEmergencyFile(data, other)

  const first = file.keep([batch('req_1')])
  const second = file.keep([batch('req_1'), batch('req_2')])

  expect(findEmergencyFiles(data, other)).toEqual([first])
  expect([second, readIds(first)]).toEqual([first, ['req_1', 'req_2']])
  expect(statSync(first ?? '').mode & 0o777).toBe(0o600)
  file.clear()
  expect(findEmergencyFiles(data, other)).toEqual([])
  expect(readIds(file.keep([batch('req_3')]))).toEqual(['req_3'])
})

test('keeps everything that waits in the other folder once the data folder is gone', () => {
  const { data, other } = createFolders()
  const file = createEmergencyFile(data, other)
  file.keep([batch('req_1')])
  rmSync(data, { recursive: true })

  const path = file.keep([batch('req_1'), batch('req_2')])

  expect(existsSync(data)).toBe(false)
  expect(findEmergencyFiles(data, other)).toEqual([path])
  expect(readIds(path)).toEqual(['req_1', 'req_2'])
  expect(statSync(other).mode & 0o777).toBe(0o700)
})

test('each data folder and each process has files of its own in the other folder', () => {
  const { other } = createFolders()
  const [one, two] = [join(temporaryFolder(), 'missing'), join(temporaryFolder(), 'missing')]

  for (const data of [one, one, two]) createEmergencyFile(data, other).keep([batch('req_1')])

  expect(
    [findEmergencyFiles(one, other), findEmergencyFiles(two, other)].map(({ length }) => length),
  ).toEqual([2, 1])
})

test('reports that no place takes the rows, and keeps all of them once one does', () => {
  const { data, other } = createFolders()
  const blocked = join(other, 'blocked')
  mkdirSync(other)
  writeFileSync(blocked, '')
  rmSync(data, { recursive: true })
  const file = createEmergencyFile(data, blocked)

  const failed = file.keep([batch('req_1')])
  rmSync(blocked)
  const kept = file.keep([batch('req_1'), batch('req_2')])

  expect([failed, readIds(kept)]).toEqual([null, ['req_1', 'req_2']])
})

test('finds a file once where both places are one folder', () => {
  const { data } = createFolders()
  const path = createEmergencyFile(data, data).keep([batch('req_1')])

  expect(findEmergencyFiles(data, data)).toEqual([path])
})

test('reads rows of a version with other columns by their names', () => {
  const { data } = createFolders()
  const path = join(data, 'emergency-old.journal')
  const { calls } = decodeBatch(batch('req_1'))
  const journal = openJournal(path)
  const columns = {
    starts: startColumns,
    calls: ['new_column', ...callColumns.filter((name) => name !== 'usage')],
  }
  const values = calls.map((row) => ['new', ...row.filter((_, at) => callColumns[at] !== 'usage')])
  journal.append([JSON.stringify(columns), JSON.stringify({ starts: [], calls: values, changes: [] })])
  journal.close()

  const [read] = readEmergencyFile(path)

  const usage = callColumns.indexOf('usage')
  expect(read?.calls).toEqual(calls.map((row) => row.with(usage, null)))
})

test('a file that was cut off in its first record has no rows', () => {
  const { data } = createFolders()
  writeFileSync(join(data, 'emergency-cut.journal'), Buffer.from([255, 0, 0, 0, 1]))

  expect(findEmergencyFiles(data).flatMap((path) => [...readEmergencyFile(path)])).toEqual([])
  expect(readdirSync(data)).toEqual(['emergency-cut.journal'])
})

function createFolders() {
  const data = temporaryFolder()
  return { data, other: join(temporaryFolder(), 'emergency') }
}

function batch(id: string): string {
  return encodeBatch([], [{ start: callStart({ id }), end: callEnd() }], [])
}

function readIds(path: string | null): readonly unknown[] {
  return path === null ? [] : [...readEmergencyFile(path)].flatMap(({ calls }) => calls.map(([id]) => id))
}
