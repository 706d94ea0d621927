import { expect, test } from 'vitest'

import { createKey } from '../../../src/auth/key-ring.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { listKeys } from '../../../src/store/sqlite/key-table.ts'
import { temporaryFolder } from '../../running-gateway.ts'
import { insertKey } from '../../stored-keys.ts'

test('lists keys as stored, oldest first', () => {
  const database = openDatabase(temporaryFolder())
  const first = createKey('first', null, 1).record
  const second = createKey('second', ['claude-3-haiku-20240307', 'claude-opus-4-1-20250805'], 2, {
    protocols: ['messages'],
    regions: ['eu-west-1'],
    ipRanges: ['10.0.0.0/8'],
    rates: { requests_per_minute: 5, models: { 'claude-opus-4-1-20250805': { requests_per_minute: 1 } } },
    expiresAtMs: 99,
  }).record

  insertKey(database, second)
  insertKey(database, { ...first, aws: { accessKeyId: 'AKIAEXAMPLE', version: 1 } })

  expect(listKeys(database)).toEqual([{ ...first, aws: { accessKeyId: 'AKIAEXAMPLE', version: 1 } }, second])
})
