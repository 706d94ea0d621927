import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { createKey } from '../../../src/auth/key-ring.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteBackend } from '../../../src/store/sqlite/sqlite-backend.ts'
import { temporaryFolder } from '../../running-gateway.ts'
import { insertKey } from '../../stored-keys.ts'

test('a key that is created after the first list of keys and before the watch is told', async () => {
  const dataFolder = temporaryFolder()
  const backend = openSqliteBackend({ dataFolder, durability: 'process', closeWaitMs: 1_000 })
  const first = await backend.sink.listKeys()
  const { record } = createKey('team', null, 1)
  const other = openDatabase(dataFolder)
  insertKey(other, record)
  other.close()

  const told: string[][] = []
  const watch = backend.watchKeys((keys) => told.push(keys.map(({ id }) => id)))
  watch.poll()
  await setImmediate()
  watch.poll()
  await backend.sink.close()

  expect(first).toEqual([])
  expect(told).toEqual([[record.id]])
})
