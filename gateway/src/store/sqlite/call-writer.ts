import type { DatabaseSync } from 'node:sqlite'

import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import type { JournalPart } from '../sink.ts'
import { createRollupWriter } from './rollup-writer.ts'

/** Writes calls in a transaction of its caller. */
export interface CallWriter {
  write(part: Pick<JournalPart, 'calls' | 'opened' | 'closed' | 'rejections'>): void
  /** Sets all listed calls to `unknown`, and returns their number. */
  closeListed(): number
}

export function createCallWriter(database: DatabaseSync): CallWriter {
  // A row that is stored again replaces itself. A call that ended is never `unknown`, whatever comes later.
  const insert = database.prepare(
    `INSERT INTO calls (${callColumns.join(', ')}) VALUES (${callColumns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${callColumns.map((name) => `${name} = excluded.${name}`).join(', ')}
     WHERE excluded.outcome <> 'unknown'`,
  )
  const insertOpen = database.prepare(
    'INSERT OR REPLACE INTO open_calls (id, source, start) VALUES (?, ?, ?)',
  )
  const deleteOpen = database.prepare('DELETE FROM open_calls WHERE id = ?')
  const countRejections = database.prepare(
    `INSERT INTO rejected_calls (day, key_id, code, calls) VALUES (?, ?, ?, ?)
     ON CONFLICT (day, key_id, code) DO UPDATE SET calls = calls + excluded.calls`,
  )
  const closeOpen = database.prepare(
    `INSERT INTO calls (${startColumns.join(', ')}, outcome)
     SELECT ${startColumns.map((name) => `start ->> '$.${name}'`).join(', ')}, 'unknown' FROM open_calls WHERE TRUE
     ON CONFLICT (id) DO NOTHING RETURNING ${callColumns.join(', ')}`,
  )
  const rollups = createRollupWriter(database)
  const isStored = database.prepare('SELECT 1 FROM calls WHERE id = ?')
  const deleteAllOpen = database.prepare('DELETE FROM open_calls')

  return {
    write({ calls, opened, closed, rejections }) {
      rollups.add(
        calls.filter(
          (values) => values[outcomeAt] !== 'unknown' || isStored.get(String(values[0])) === undefined,
        ),
      )
      for (const values of calls) insert.run(...values)
      for (const { id, source, start } of opened) insertOpen.run(id, source, encodeStart(start))
      for (const id of closed) deleteOpen.run(id)
      for (const { day, key_id: keyId, code, calls: count } of rejections)
        countRejections.run(day, keyId, code, count)
    },
    closeListed() {
      const closed = closeOpen.all() as unknown as Record<string, ColumnValue>[]
      rollups.addStored(closed.map((row) => callColumns.map((name) => row[name] ?? null)))
      deleteAllOpen.run()
      return closed.length
    },
  }
}

/** By name, so that a later version with other columns can read it. */
function encodeStart(values: readonly ColumnValue[]): string {
  return JSON.stringify(Object.fromEntries(startColumns.map((name, at) => [name, values[at] ?? null])))
}

const outcomeAt = callColumns.indexOf('outcome')
