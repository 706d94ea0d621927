import type { DatabaseSync } from 'node:sqlite'

import type { CallValues } from '../../ledger/rollup.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import type { JournalPart, RestoredPart } from '../sink.ts'
import { createRollupWriter, readStoredCalls } from './rollup-writer.ts'
import { createSessionWriter } from './session-writer.ts'

/** Writes calls and their sums in a transaction of its caller. */
export interface CallWriter {
  write(part: Pick<JournalPart, 'calls' | 'opened' | 'closed' | 'rejections'>): void
  /** Writes calls that are missing, whose sums are stored already, and adds sums. */
  restore(part: RestoredPart): void
  /** Sets all listed calls to `unknown`, and returns their number. */
  closeListed(): number
}

export function createCallWriter(database: DatabaseSync): CallWriter {
  const rollups = createRollupWriter(database)
  const writeSessions = createSessionWriter(database)
  const insert = database.prepare(`${insertCall} ON CONFLICT (id) DO NOTHING`)
  const replace = database.prepare(
    `${insertCall} ON CONFLICT (id) DO UPDATE SET ${callColumns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
  const findStored = database.prepare(`SELECT ${callColumns.join(', ')} FROM calls WHERE id = ?`)
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
  const deleteAllOpen = database.prepare('DELETE FROM open_calls')

  /** A row that is stored again replaces itself. A call that ended is never `unknown`, whatever comes later. */
  function writeCalls(calls: JournalPart['calls']): void {
    const added: CallValues[] = []
    const replaced: CallValues[] = []
    for (const values of calls) {
      // Nearly every row is new, and needs no look at the table.
      if (insert.run(...values).changes === 0) {
        if (values[outcomeAt] === 'unknown') continue
        replaced.push(...readStoredCalls(findStored, String(values[0])))
        replace.run(...values)
      }
      added.push(values)
    }
    rollups.add(added, replaced)
    writeSessions(added)
  }

  return {
    write({ calls, opened, closed, rejections }) {
      writeCalls(calls)
      for (const { id, source, start } of opened) insertOpen.run(id, source, encodeStart(start))
      for (const id of closed) deleteOpen.run(id)
      for (const { day, key_id: keyId, code, calls: count } of rejections)
        countRejections.run(day, keyId, code, count)
    },
    restore({ calls, sums }) {
      for (const values of calls) insert.run(...values)
      rollups.addSums(sums)
      writeSessions(calls)
    },
    closeListed() {
      const closed = [...readStoredCalls(closeOpen)]
      rollups.add(closed)
      writeSessions(closed)
      deleteAllOpen.run()
      return closed.length
    },
  }
}

const insertCall = `INSERT INTO calls (${callColumns.join(', ')}) VALUES (${callColumns.map(() => '?').join(', ')})`

const outcomeAt = callColumns.indexOf('outcome')

/** By name, so that a later version with other columns can read it. */
function encodeStart(values: readonly ColumnValue[]): string {
  return JSON.stringify(Object.fromEntries(startColumns.map((name, at) => [name, values[at] ?? null])))
}
