import { openSync, closeSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { findCorruption } from '../../../src/store/sqlite/integrity.ts'
import { callEnd, callStart, writeRows } from '../../ledger/call-rows.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test.each([true, false])('finds nothing in an intact database (full: %s)', (full) => {
  expect(findCorruption(createLedger(), { full })).toBeNull()
})

test.each([true, false])('names the damage of a database with a destroyed page (full: %s)', (full) => {
  const folder = createLedger()
  damagePages(join(folder, 'anthology.sqlite'))

  expect(findCorruption(folder, { full })).toMatch(/malformed|page|btree|tree/i)
})

test('names the damage of a file that is not a database', () => {
  const folder = createLedger()
  writeFileSync(join(folder, 'anthology.sqlite'), 'x'.repeat(10_000))

  expect(findCorruption(folder, { full: true })).toBe('file is not a database')
})

test('throws where there is no database', () => {
  expect(() => findCorruption(temporaryFolder(), { full: true })).toThrow('unable to open')
})

function createLedger(): string {
  const folder = temporaryFolder()
  const database = openDatabase(folder)
  const rows = Array.from({ length: 500 }, (_, at) => ({
    start: callStart({ id: `req_${at}` }),
    end: callEnd(),
  }))
  writeRows(database, rows)
  database.close()
  return folder
}

/** Overwrites everything behind the first page, which has the schema's root. */
function damagePages(file: string): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(statSync(file).size - 4_096, 0xa5), 0, undefined, 4_096)
  closeSync(handle)
}
