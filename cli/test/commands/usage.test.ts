import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('makes no folder where no server has run, and says what to do', async () => {
  const data = join(temporaryFolder(), 'data')

  const text = await run(['usage', '--data', data])
  const json = await run(['usage', '--data', data, '--json'])
  const calls = await run(['usage', '--data', data, '--calls', '--json'])

  expect(text).toMatchObject({
    code: 0,
    out: 'No calls yet. Start the server with anthology serve, and send it one.\n',
  })
  expect(JSON.parse(json.out)).toMatchObject({ by: 'model', total: { calls: 0 }, rows: [] })
  expect(JSON.parse(calls.out)).toEqual([])
  expect(existsSync(data)).toBe(false)
})

test('does not say of a few days that there are no calls at all', async () => {
  const data = temporaryFolder()
  openDatabase(data).close()

  const { code, out } = await run(['usage', '--data', data, '--since', '2026-11-01'])

  expect({ code, out }).toEqual({
    code: 0,
    out: 'No calls in this time. Without --since and --until all are counted.\n',
  })
})

test.each([
  [['--by', 'colour'], 'usage cannot be grouped by "colour"', 'model, key, day, upstream, door, outcome'],
  [['--since', '2026-13-01'], '"2026-13-01" is not a day', 'Write it as 2026-11-22.'],
  [
    ['--since', '2026-11-10', '--until', '2026-11-01'],
    '--until 2026-11-01 is before --since 2026-11-10',
    'Both days are counted.',
  ],
  [['--limit', '5'], '--limit is of single calls', 'anthology usage --calls --limit 5'],
  [['--calls', '--limit', '0'], '--limit takes a whole number above 0, not "0"', '--limit 100'],
])('calls %j wrong use', async (options, problem, hint) => {
  const { code, out, err } = await run(['usage', '--data', temporaryFolder(), ...options])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
  expect(err).toContain(hint)
})
