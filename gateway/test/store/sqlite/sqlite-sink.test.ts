import { expect, test } from 'vitest'

import type { Resource } from '../../../src/resources/resource.ts'
import type { JournalPart } from '../../../src/store/sink.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { createSqliteSink } from '../../../src/store/sqlite/sqlite-sink.ts'
import { callEnd, callStart, createPart } from '../../ledger/call-rows.ts'
import { temporaryFolder } from '../../running-gateway.ts'

test('stores calls, changes, rejections and positions in one transaction, or none of them', async () => {
  const { database, sink, count } = openSink()
  // Violates a constraint of the table on purpose.
  const broken = { ...resource('b'), key_id: null } as unknown as Resource
  const part = createPart([{ start: callStart(), end: callEnd() }], {
    changes: [{ kind: 'created', resource: resource('a') }],
    rejections: [{ day: '2026-01-01', key_id: 'key_1', code: 'rate_limited', calls: 2 }],
    positions: [['one', { segment: 1, offset: 70 }]],
  })

  await expect(
    sink.ingest({ ...part, changes: [...part.changes, { kind: 'created', resource: broken }] }),
  ).rejects.toThrow('NOT NULL')
  const afterFailure = [count('calls'), count('rejected_calls'), (await sink.readPositions()).size]
  await sink.ingest(part)

  expect(afterFailure).toEqual([0, 0, 0])
  expect([count('calls'), count('rejected_calls')]).toEqual([1, 1])
  expect(await sink.readPositions()).toEqual(new Map([['one', { segment: 1, offset: 70 }]]))
  expect(await sink.queryResources({ kind: 'with_ids', ids: ['a', 'b'] })).toEqual([resource('a')])
  database.close()
})

test('forgets the position of a journal that is removed', async () => {
  const { sink } = openSink()
  const positions = (given: JournalPart['positions']) => sink.ingest({ ...createPart([]), positions: given })

  await positions([
    ['one', { segment: 1, offset: 70 }],
    ['two', { segment: 3, offset: 9 }],
  ])
  await positions([
    ['one', null],
    ['two', { segment: 4, offset: 0 }],
  ])

  expect(await sink.readPositions()).toEqual(new Map([['two', { segment: 4, offset: 0 }]]))
})

test('reports a full disk, and stores everything once there is space', async () => {
  const { database, sink, count } = openSink()
  const rows = Array.from({ length: 200 }, (_, at) => ({
    start: callStart({ id: `req_${at}` }),
    end: callEnd({ usage: 'x'.repeat(1_000) }),
  }))
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {}
  database.exec(`PRAGMA max_page_count = ${Number(pages)}`)

  // SQLite has already rolled the transaction back.
  await expect(sink.ingest(createPart(rows))).rejects.toThrow('database or disk is full')
  database.exec('PRAGMA max_page_count = 1000000')
  await sink.ingest(createPart(rows))

  expect(count('calls')).toBe(200)
})

function openSink() {
  const database = openDatabase(temporaryFolder())
  const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']
  return { database, sink: createSqliteSink(database), count }
}

function resource(id: string): Resource {
  return {
    id,
    kind: 'batch',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    upstream: 'recorder',
    created_at_ms: 1,
    settled_at_ms: null,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
  }
}
