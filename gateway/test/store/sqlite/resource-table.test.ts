import { expect, test } from 'vitest'

import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { type Item, createItemTable } from '../../../src/store/sqlite/resource-table.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test('gives what was written, by id', () => {
  const table = open()
  const batch = item({ models: { opus: 'claude-opus-4-1-20250805' }, betas: ['b'] })

  table.apply([{ kind: 'created', item: batch }])

  expect(table.ask({ kind: 'with_ids', ids: ['nobody', 'msgbatch_1'] })).toEqual([batch])
})

test('lists what a key has of a kind, newest first', () => {
  const table = open()
  const items = [
    item({ id: 'a' }),
    item({ id: 'b', kind: 'file' }),
    item({ id: 'c', key_id: 'key_2' }),
    item({ id: 'd' }),
  ]

  table.apply(items.map((made) => ({ kind: 'created', item: made })))

  expect(idsOf(table.ask({ kind: 'of_key', keyId: 'key_1', itemKind: 'batch' }))).toEqual(['d', 'a'])
})

test('finds unsettled batches in turns, and begins again behind one that is gone', () => {
  const table = open()
  const items = ['a', 'b', 'c', 'd'].map((id) => item({ id }))
  table.apply([
    ...items.map((made) => ({ kind: 'created', item: made }) as const),
    { kind: 'created', item: item({ id: 'file', kind: 'file' }) },
    { kind: 'settled', id: 'b', atMs: 7 },
    { kind: 'settled', id: 'b', atMs: 8 },
    { kind: 'deleted', id: 'd' },
  ])
  const unsettled = (after: string | null, limit = 10) =>
    idsOf(table.ask({ kind: 'unsettled', after, limit }))

  expect([unsettled(null), unsettled(null, 1), unsettled('a'), unsettled('b'), unsettled('d')]).toEqual([
    ['a', 'c'],
    ['a'],
    ['c'],
    ['c'],
    ['a', 'c'],
  ])
  expect(table.ask({ kind: 'with_ids', ids: ['b'] })[0]?.settled_at_ms).toBe(7)
})

test('gives an id that an upstream uses again to its new owner', () => {
  const table = open()
  table.apply([
    { kind: 'created', item: item() },
    { kind: 'settled', id: 'msgbatch_1', atMs: 7 },
  ])

  table.apply([{ kind: 'created', item: item({ key_id: 'key_2' }) }])

  expect(table.ask({ kind: 'with_ids', ids: ['msgbatch_1'] })).toEqual([item({ key_id: 'key_2' })])
})

test('makes all changes of a batch or none', () => {
  const table = open()
  // A constraint of the table, broken on purpose.
  const broken = { ...item({ id: 'b' }), key_id: null } as unknown as Item

  expect(() =>
    table.apply([
      { kind: 'created', item: item() },
      { kind: 'created', item: broken },
    ]),
  ).toThrow('NOT NULL')
  expect(table.ask({ kind: 'with_ids', ids: ['msgbatch_1'] })).toEqual([])
})

test('says that the disk is full, and makes the changes once there is room', () => {
  const database = openDatabase(temporaryFolder())
  const table = createItemTable(database)
  const changes = Array.from({ length: 200 }, (_, at) => {
    const made = item({ id: `msgbatch_${at}`, betas: ['x'.repeat(1_000)] })
    return { kind: 'created', item: made } as const
  })
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {}
  database.exec(`PRAGMA max_page_count = ${Number(pages)}`)

  expect(() => table.apply(changes)).toThrow('database or disk is full')
  database.exec('PRAGMA max_page_count = 1000000')
  table.apply(changes)

  expect(table.ask({ kind: 'unsettled', after: null, limit: 500 })).toHaveLength(200)
})

test('finds its place in a data folder of the version before', () => {
  const folder = temporaryFolder()
  const before = openDatabase(folder)
  before.exec('DROP TABLE items; PRAGMA user_version = 1')
  before.close()

  const table = createItemTable(openDatabase(folder))

  expect(table.ask({ kind: 'with_ids', ids: ['msgbatch_1'] })).toEqual([])
})

function open() {
  return createItemTable(openDatabase(temporaryFolder()))
}

function item(given: Partial<Item> = {}): Item {
  return {
    id: 'msgbatch_1',
    kind: 'batch',
    key_id: 'key_1',
    upstream: 'recorder',
    created_at_ms: 1_000,
    settled_at_ms: null,
    models: {},
    betas: [],
    ...given,
  }
}

function idsOf(items: readonly Item[]): string[] {
  return items.map(({ id }) => id)
}
