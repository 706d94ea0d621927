import type { DatabaseSync } from 'node:sqlite'

import { rollBack } from './database.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue, RowBatch } from '../../ledger/row-codec.ts'

export interface CallWriter {
  /** Writes the calls of batches in one transaction, or none of them. */
  write(deliveries: readonly CallDelivery[]): void
}

export interface CallDelivery {
  /** Which process the batch is from. */
  readonly source: string
  readonly batch: Pick<RowBatch, 'starts' | 'calls'>
  /** The source is gone, so that its calls without an end will never have one. */
  readonly isLast: boolean
}

/** A call that runs. */
interface OpenCall {
  readonly id: string
  readonly source: string
  readonly values: readonly ColumnValue[]
}

/** One row of `open_calls`. */
interface OpenCallsRow {
  readonly seq: number | bigint
  /** How many of its calls still run. */
  open: number
}

type Running = Map<string, { readonly call: OpenCall; readonly row: OpenCallsRow }>

/**
 * A call that ends within the commit that brings its beginning needs one insert,
 * as short calls do. For the others the beginnings of one commit are one row, so
 * that a beginning costs little though most calls need it on disk.
 */
export function createCallWriter(database: DatabaseSync): CallWriter {
  const running: Running = new Map()
  const insert = database.prepare(
    `INSERT OR REPLACE INTO calls (${callColumns.join(', ')}) VALUES (${callColumns.map(() => '?').join(', ')})`,
  )
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const insertOpenCalls = database.prepare('INSERT INTO open_calls (calls) VALUES (?)')
  const updateOpenCalls = database.prepare('UPDATE open_calls SET calls = ? WHERE seq = ?')
  const deleteOpenCalls = database.prepare('DELETE FROM open_calls WHERE seq = ?')

  /** Returns what is to be remembered once the transaction is through. */
  function insertAll(deliveries: readonly CallDelivery[]): () => void {
    const { ended, started } = splitCalls(deliveries)
    for (const { batch } of deliveries) for (const values of batch.calls) insert.run(...values)
    for (const call of findOrphans(deliveries, [...started.values()], ended)) {
      insert.run(...call.values, 'unknown', ...emptyEnd)
      ended.add(call.id)
      started.delete(call.id)
    }
    const openCounts = new Map<OpenCallsRow, number>()
    for (const id of [...ended, ...started.keys()]) {
      const row = running.get(id)?.row
      if (row !== undefined) openCounts.set(row, (openCounts.get(row) ?? row.open) - 1)
    }
    for (const [row, open] of openCounts) if (open === 0) deleteOpenCalls.run(row.seq)
    for (const [row, calls] of findRemainingCalls(running, started, ended))
      if (calls.length > 0) updateOpenCalls.run(encodeCalls(calls), row.seq)
    const fresh = started.size === 0 ? null : insertOpen([...started.values()])

    return () => {
      for (const [row, open] of openCounts) row.open = open
      for (const id of ended) running.delete(id)
      if (fresh !== null) for (const call of started.values()) running.set(call.id, { call, row: fresh })
    }
  }

  function insertOpen(calls: readonly OpenCall[]): OpenCallsRow {
    const { lastInsertRowid } = insertOpenCalls.run(encodeCalls(calls))
    return { seq: lastInsertRowid, open: calls.length }
  }

  /** The calls of sources that are gone, as far as they have no end. */
  function findOrphans(
    deliveries: readonly CallDelivery[],
    started: readonly OpenCall[],
    ended: ReadonlySet<string>,
  ): OpenCall[] {
    const exited = new Set(deliveries.filter(({ isLast }) => isLast).map(({ source }) => source))
    if (exited.size === 0) return []
    const open = [...[...running.values()].map(({ call }) => call), ...started]
    return open.filter(({ id, source }) => exited.has(source) && !ended.has(id))
  }

  return {
    write(deliveries) {
      if (deliveries.every(({ batch, isLast }) => isEmpty(batch) && !isLast)) return
      begin.run()
      try {
        const remember = insertAll(deliveries)
        commit.run()
        remember()
      } catch (error) {
        rollBack(database)
        throw error
      }
    },
  }
}

/**
 * Calls that a dead process left without an end are `unknown` from now on;
 * returns how many there were. Of a call that was tried more than once the last
 * beginning counts.
 */
export function closeAbandonedCalls(database: DatabaseSync): number {
  const values = startColumns.map((_, index) => `value ->> ${index}`)
  const fromOpenCalls = database.prepare(
    `INSERT OR IGNORE INTO calls (${startColumns.join(', ')}, outcome)
     SELECT ${values.join(', ')}, 'unknown' FROM open_calls, json_each(open_calls.calls) ORDER BY seq DESC`,
  )
  // Until schema version 3 a call that ran was a row without an outcome.
  const fromCalls = database.prepare("UPDATE calls SET outcome = 'unknown' WHERE outcome IS NULL")
  database.exec('BEGIN IMMEDIATE')
  const count = Number(fromOpenCalls.run().changes) + Number(fromCalls.run().changes)
  database.exec('DELETE FROM open_calls; COMMIT')
  return count
}

/** What ended, and what began without having ended. */
function splitCalls(deliveries: readonly CallDelivery[]): {
  ended: Set<string>
  started: Map<string, OpenCall>
} {
  const ended = new Set<string>()
  const started = new Map<string, OpenCall>()
  for (const { batch } of deliveries) for (const [id] of batch.calls) ended.add(String(id))
  for (const { source, batch } of deliveries) {
    for (const values of batch.starts) {
      const id = String(values[0])
      if (!ended.has(id)) started.set(id, { id, source, values })
    }
  }
  return { ended, started }
}

/** What is left of the rows of calls that begin once more, on another upstream: in two rows they would be listed twice. */
function findRemainingCalls(
  running: Running,
  started: ReadonlyMap<string, OpenCall>,
  ended: ReadonlySet<string>,
): ReadonlyMap<OpenCallsRow, readonly OpenCall[]> {
  const left = new Map<OpenCallsRow, OpenCall[]>()
  for (const id of started.keys()) {
    const row = running.get(id)?.row
    if (row !== undefined) left.set(row, [])
  }
  if (left.size === 0) return left
  for (const { call, row } of running.values())
    if (!ended.has(call.id) && !started.has(call.id)) left.get(row)?.push(call)
  return left
}

function encodeCalls(calls: readonly OpenCall[]): string {
  return JSON.stringify(calls.map(({ values }) => values))
}

function isEmpty({ starts, calls }: CallDelivery['batch']): boolean {
  return starts.length + calls.length === 0
}

/** The columns behind the outcome, of which nobody can say anything. */
const emptyEnd: readonly null[] = callColumns.slice(startColumns.length + 1).map(() => null)
