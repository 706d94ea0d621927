import type { DatabaseSync } from 'node:sqlite'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { closeAbandonedCalls, createCallWriter } from '../../../src/store/sqlite/call-writer.ts'
import type { CallDelivery } from '../../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { temporaryFolder } from '../../running-gateway.ts'
import { callEnd, callStart, delivery } from '../../ledger/call-rows.ts'

const sources = ['own', 'worker-1', 'worker-2'] as const

interface Commit {
  readonly deliveries: readonly {
    readonly source: number
    readonly begun: readonly number[]
    readonly ended: readonly number[]
    readonly isLast: boolean
  }[]
  readonly result: 'goes through' | 'fails' | 'crash behind it'
}

const commits: fc.Arbitrary<readonly Commit[]> = fc.array(
  fc.record({
    deliveries: fc.array(
      fc.record({
        source: fc.nat({ max: sources.length - 1 }),
        begun: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 4 }),
        ended: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 3 }),
        isLast: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    result: fc.constantFrom('goes through', 'goes through', 'goes through', 'fails', 'crash behind it'),
  }),
  { minLength: 20, maxLength: 60, size: 'max' },
)

test('stores the last state of every call, despite failed commits and exited processes', () => {
  fc.assert(
    fc.property(commits, (all) => {
      const { database, restart } = openModelled()
      let writer = restart()
      const told = new Map<string, string | null>()
      for (const [round, { deliveries, result }] of all.entries()) {
        const given = deliveries.map(({ source, begun, ended, isLast }) => {
          const name = sources[source] ?? ''
          const open = (call: number) => (told.get(`${name}/${call}`) ?? null) === null
          const rows = [
            ...begun.filter(open).map((call) => ({ start: callStart({ id: `${name}/${call}` }), end: null })),
            ...ended
              .filter(open)
              .map((call) => ({ start: callStart({ id: `${name}/${call}` }), end: callEnd() })),
          ]
          return delivery(rows, { source: name, isLast })
        })
        if (result === 'fails') {
          database.exec(`INSERT INTO failing VALUES (${round})`)
          const before = getState(database)
          try {
            // A commit without inserts succeeds and is repeated, as when the resource changes after it fail.
            writer.write(given)
          } catch {
            expect(getState(database)).toEqual(before)
          }
          database.exec('DELETE FROM failing')
        }
        writer.write(given)
        note(told, given)
        expect(getState(database)).toEqual(Object.fromEntries(told))
        if (result !== 'crash behind it') continue
        writer = restart()
        for (const [id, outcome] of told) if (outcome === null) told.set(id, 'unknown')
        expect(getState(database)).toEqual(Object.fromEntries(told))
      }
      // No start remains once all calls of its row have ended.
      const running = [...told.values()].filter((outcome) => outcome === null).length
      if (running === 0) expect(database.prepare('SELECT * FROM open_calls').all()).toEqual([])
      database.close()
    }),
    { numRuns: 25 },
  )
})

/** Applies the deliveries of one commit in order; an exited process closes its running calls. */
function note(told: Map<string, string | null>, given: readonly CallDelivery[]): void {
  for (const { batch } of given)
    for (const [id] of batch.starts) if (!told.has(String(id))) told.set(String(id), null)
  for (const { batch } of given) for (const [id] of batch.calls) told.set(String(id), 'answered')
  for (const { source, isLast } of given) {
    if (!isLast) continue
    for (const [id, outcome] of told)
      if (outcome === null && id.startsWith(`${source}/`)) told.set(id, 'unknown')
  }
}

function getState(database: DatabaseSync): Record<string, unknown> {
  const rows = database.prepare('SELECT id, outcome FROM all_calls ORDER BY id').all()
  expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length)
  return Object.fromEntries(rows.map((row) => [row['id'], row['outcome']]))
}

/** A ledger whose commits fail at their last statement while `failing` has a row. */
function openModelled() {
  const database = openDatabase(temporaryFolder())
  database.exec(`CREATE TEMP TABLE failing (round INTEGER);
    CREATE TEMP TRIGGER broken_starts AFTER INSERT ON open_calls WHEN EXISTS (SELECT 1 FROM failing)
    BEGIN SELECT RAISE(ABORT, 'full'); END;
    CREATE TEMP TRIGGER broken_calls AFTER INSERT ON calls WHEN EXISTS (SELECT 1 FROM failing)
    BEGIN SELECT RAISE(ABORT, 'full'); END`)
  const restart = () => {
    closeAbandonedCalls(database)
    return createCallWriter(database)
  }
  return { database, restart }
}
