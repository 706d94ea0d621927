import type { DatabaseSync } from 'node:sqlite'

import { rollBack } from './database.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue, RowBatch } from '../../ledger/row-codec.ts'
import { createRollupWriter } from './rollup-writer.ts'

export interface CallWriter {
  /** Writes the calls and the counts of rejected calls of all batches in one transaction. */
  write(deliveries: readonly CallDelivery[]): void
}

export interface CallDelivery {
  /** The process that sent the batch. */
  readonly source: string
  readonly batch: Pick<RowBatch, 'starts' | 'calls' | 'rejections'>
  /** The source exited, so its open calls will never end. */
  readonly isLast: boolean
}

/** A running call. */
interface OpenCall {
  readonly id: string
  readonly source: string
  readonly values: readonly ColumnValue[]
}

/** One row of `open_calls`. */
interface OpenCallsRow {
  readonly seq: number | bigint
  /** Number of its calls that still run. */
  open: number
}

type Running = Map<string, { readonly call: OpenCall; readonly row: OpenCallsRow }>

/**
 * A call whose start and end arrive in one commit, as with short calls, needs one
 * insert. The other starts of a commit share one row of `open_calls`, which keeps
 * them cheap although most calls need a start on disk.
 */
export function createCallWriter(database: DatabaseSync): CallWriter {
  const running: Running = new Map()
  const insert = database.prepare(insertCall)
  const rollups = createRollupWriter(database)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const insertOpenCalls = database.prepare('INSERT INTO open_calls (calls) VALUES (?)')
  const updateOpenCalls = database.prepare('UPDATE open_calls SET calls = ? WHERE seq = ?')
  const deleteOpenCalls = database.prepare('DELETE FROM open_calls WHERE seq = ?')
  const countRejections = database.prepare(addRejections)

  /** Returns a function that updates `running` after the commit. */
  function insertAll(deliveries: readonly CallDelivery[]): () => void {
    const { ended, started } = splitCalls(deliveries)
    rollups.add(deliveries.flatMap(({ batch }) => batch.calls))
    for (const { batch } of deliveries) {
      for (const values of batch.calls) insert.run(...values)
      for (const { day, key_id: keyId, code, calls } of batch.rejections)
        countRejections.run(day, keyId, code, calls)
    }
    for (const call of findOrphans(deliveries, [...started.values()], ended)) {
      const values = [...call.values, 'unknown', ...emptyEnd]
      rollups.add([values])
      insert.run(...values)
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

  /** Finds the open calls of exited sources. */
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
 * Sets the outcome of calls that a dead process left open to `unknown`, and returns
 * their number. If a call was retried, its last start counts.
 */
export function closeAbandonedCalls(database: DatabaseSync): number {
  const values = startColumns.map((_, index) => `value ->> ${index}`)
  const fromOpenCalls = database.prepare(
    `INSERT OR IGNORE INTO calls (${startColumns.join(', ')}, outcome)
     SELECT ${values.join(', ')}, 'unknown' FROM open_calls, json_each(open_calls.calls) ORDER BY seq DESC
     RETURNING ${callColumns.join(', ')}`,
  )
  // Until schema version 3 a running call was a row without an outcome.
  const fromCalls = database.prepare(
    `UPDATE calls SET outcome = 'unknown' WHERE outcome IS NULL RETURNING ${callColumns.join(', ')}`,
  )
  database.exec('BEGIN IMMEDIATE')
  const closed = [...fromOpenCalls.all(), ...fromCalls.all()]
  // STRICT tables without BLOB or REAL columns hold only these types, and an open call has small integers.
  createRollupWriter(database).addStored(closed.map((row) => Object.values(row) as ColumnValue[]))
  database.exec('DELETE FROM open_calls; COMMIT')
  return closed.length
}

const insertCall = `INSERT OR REPLACE INTO calls (${callColumns.join(', ')}) VALUES (${callColumns.map(() => '?').join(', ')})`

const addRejections = `INSERT INTO rejected_calls (day, key_id, code, calls) VALUES (?, ?, ?, ?)
  ON CONFLICT (day, key_id, code) DO UPDATE SET calls = calls + excluded.calls`

/** Splits the calls into those that ended and those that started and still run. */
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

/** Calls that start again on another upstream must not be in two rows: finds the other calls of their old rows. */
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

function isEmpty({ starts, calls, rejections }: CallDelivery['batch']): boolean {
  return starts.length + calls.length + rejections.length === 0
}

/** The columns after the outcome, which are unknown. */
const emptyEnd: readonly null[] = callColumns.slice(startColumns.length + 1).map(() => null)
