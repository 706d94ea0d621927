import { expect, test } from 'vitest'

import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { createResourceTable } from '../../../src/store/sqlite/resource-table.ts'
import type { ResourceTable } from '../../../src/store/sqlite/resource-table.ts'
import type { ListStart, Resource } from '../../../src/resources/resource.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test('finds a resource by its id', () => {
  const table = open()
  const batch = resource({ models: { opus: 'claude-opus-4-1-20250805' }, betas: ['b'] })

  table.apply([{ kind: 'created', resource: batch }])

  expect(table.query({ kind: 'with_ids', ids: ['nobody', 'msgbatch_1'] })).toEqual([batch])
})

test('lists a key’s resources of one kind, newest first', () => {
  const table = open()
  const resources = [
    resource({ id: 'a' }),
    resource({ id: 'b', kind: 'file' }),
    resource({ id: 'c', key_id: 'key_2' }),
    resource({ id: 'd' }),
  ]

  table.apply(resources.map((made) => ({ kind: 'created', resource: made })))

  expect(listPart(table, { kind: 'newest' })).toEqual(['d', 'a'])
})

test('reads only a part of a key’s list: at a cursor, or by ids', () => {
  const table = open()
  const own = ['a', 'b', 'c', 'd', 'e'].map((id) => resource({ id }))
  const foreign = [resource({ id: 'x', key_id: 'key_2' }), resource({ id: 'y', kind: 'file' })]
  table.apply([...own, ...foreign].map((made) => ({ kind: 'created', resource: made })))

  expect([
    listPart(table, { kind: 'newest' }, 2),
    listPart(table, { kind: 'after', id: 'd' }, 2),
    listPart(table, { kind: 'before', id: 'b' }, 3),
    listPart(table, { kind: 'ids', ids: ['a', 'x', 'e', 'y', 'none'] }),
  ]).toEqual([
    ['e', 'd'],
    ['d', 'c'],
    ['d', 'c', 'b'],
    ['e', 'a'],
  ])
  for (const id of ['x', 'y', 'none'])
    expect([listPart(table, { kind: 'after', id }), listPart(table, { kind: 'before', id })]).toEqual([
      [],
      [],
    ])
})

test('a list leaves out what it does not show', () => {
  const table = open()
  const batch = resource({ models: { opus: 'claude-opus-4-1-20250805' }, betas: ['b'] })
  table.apply([{ kind: 'created', resource: batch }])

  const [listed] = table.query({
    kind: 'of_key',
    keyId: 'key_1',
    resourceKind: 'batch',
    from: { kind: 'newest' },
    limit: 10,
  })

  expect(listed).toEqual({ ...batch, models: {}, betas: [] })
})

test('finds unsettled batches page by page, and starts again after a deleted one', () => {
  const table = open()
  const resources = ['a', 'b', 'c', 'd'].map((id) => resource({ id }))
  table.apply([
    ...resources.map((made) => ({ kind: 'created', resource: made }) as const),
    { kind: 'created', resource: resource({ id: 'file', kind: 'file' }) },
    { kind: 'settled', id: 'b', atMs: 7 },
    { kind: 'settled', id: 'b', atMs: 8 },
    { kind: 'deleted', id: 'd' },
  ])
  const unsettled = (after: string | null, limit = 10) =>
    listIds(table.query({ kind: 'unsettled', after, limit }))

  expect([unsettled(null), unsettled(null, 1), unsettled('a'), unsettled('b'), unsettled('d')]).toEqual([
    ['a', 'c'],
    ['a'],
    ['c'],
    ['c'],
    ['a', 'c'],
  ])
  expect(table.query({ kind: 'with_ids', ids: ['b'] })[0]?.settled_at_ms).toBe(7)
})

test('assigns an id that an upstream reuses to its new owner', () => {
  const table = open()
  table.apply([
    { kind: 'created', resource: resource() },
    { kind: 'settled', id: 'msgbatch_1', atMs: 7 },
  ])

  table.apply([{ kind: 'created', resource: resource({ key_id: 'key_2' }) }])

  expect(table.query({ kind: 'with_ids', ids: ['msgbatch_1'] })).toEqual([resource({ key_id: 'key_2' })])
})

function open() {
  return createResourceTable(openDatabase(temporaryFolder()))
}

function resource(given: Partial<Resource> = {}): Resource {
  return {
    id: 'msgbatch_1',
    kind: 'batch',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    upstream: 'recorder',
    created_at_ms: 1_000,
    settled_at_ms: null,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
    ...given,
  }
}

function listPart(table: ResourceTable, from: ListStart, limit = 10): string[] {
  return listIds(table.query({ kind: 'of_key', keyId: 'key_1', resourceKind: 'batch', from, limit }))
}

function listIds(resources: readonly Resource[]): string[] {
  return resources.map(({ id }) => id)
}
