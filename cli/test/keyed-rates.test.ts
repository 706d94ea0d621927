import { createKey, openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { findKeyedRateProblems } from '../src/keyed-rates.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { insertKey, revokeKey } from '../../gateway/test/stored-keys.ts'

const entry = { requests_per_minute: 1 }

test('finds entries of keys that do not exist at this moment', async () => {
  const dataFolder = temporaryFolder()
  const find = async (...names: string[]) => {
    const problems = await findKeyedRateProblems(
      { config: { rates: { keys: Object.fromEntries(names.map((name) => [name, entry])) } }, dataFolder },
      { env: { ANTHOLOGY_KEY: 'x' }, flags: '' },
    )
    return problems.map(({ text }) => text)
  }

  expect(await find('local', 'env')).toEqual([])
  expect(await find('local key', 'ANTHOLOGY_KEY')).toEqual([])
  expect(await find('ci')).toEqual(['rates.keys.ci limits nobody: no live key has this id or name'])

  const database = openDatabase(dataFolder)
  const { record } = createKey('ci', null, 1)
  insertKey(database, record)
  expect(await find('ci')).toEqual([])
  expect(await find(record.id)).toEqual([])
  expect(await find('ci', record.id)).toEqual([
    `rates.keys.ci has no effect: rates.keys.${record.id} is the same key, and its id comes first`,
  ])

  revokeKey(database, 'ci', 2)
  database.close()
  expect(await find('ci')).toEqual(['rates.keys.ci limits nobody: no live key has this id or name'])
})
