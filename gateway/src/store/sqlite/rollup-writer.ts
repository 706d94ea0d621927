import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { sumRollups } from '../../ledger/rollup.ts'
import type { CallValues, RollupChange } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { LevelChange } from '../../ledger/rollup-levels.ts'
import { callColumns } from '../../ledger/row-codec.ts'
import { readRollupState, rollupStatements } from '../schema/rollups.ts'
import type { RollupState } from '../schema/rollups.ts'
import { createRowCounter } from '../upgrade.ts'
import type { OnUpgrade } from '../upgrade.ts'

/** Keeps the rollups equal to the sums of the calls. The caller has begun the transaction in which it writes both. */
export interface RollupWriter {
  /** Adds calls that are written, as values of `callColumns`, and subtracts those that they replace. */
  add(added: Iterable<CallValues>, replaced?: Iterable<CallValues>): void
  /** Adds sums of hours, and to what was derived from these hours. */
  addSums(changes: readonly RollupChange[]): void
}

export function createRollupWriter(database: DatabaseSync): RollupWriter {
  const write = createLevelWriter(database)
  const readState = database.prepare(rollupStatements.readState)

  function addSums(changes: readonly RollupChange[]): void {
    if (changes.length === 0) return
    const hours = changes.map((change) => ({ ...change, span: 'hour', startMs: change.hourMs }))
    const state = readRollupState(readState.all())
    const late = changes.filter(({ hourMs }) => hourMs < state.derivedMs)
    write([...hours, ...deriveChanges(late)], state)
  }

  return { add: (added, replaced = []) => addSums(sumRollups(added, replaced)), addSums }
}

/** Adds changes to their rows. It is called once in a transaction, with the state that the transaction has read. */
export type LevelWriter = (changes: readonly LevelChange[], state: RollupState) => void

export function createLevelWriter(database: DatabaseSync): LevelWriter {
  const insertGroup = database.prepare(rollupStatements.insertGroup)
  const add = database.prepare(rollupStatements.add)
  const findPart = database.prepare(rollupStatements.findPart)
  /** Groups that a committed transaction has stored. */
  const known = new Set<bigint>()
  let removed: number | null = null
  return (changes, { removedGroups }) => {
    if (removedGroups !== removed) known.clear()
    removed = removedGroups
    /** Groups of this transaction, which can still be rolled back. */
    const inserted = new Set<bigint>()
    for (const { span, startMs, group, measures, isAlone } of changes) {
      if (!known.has(group.id) && !inserted.has(group.id)) {
        const isNew = insertGroup.run(group.id, group.level, ...group.dimensions).changes !== 0
        if (known.size >= maxKnownGroups) known.clear()
        if (isNew) inserted.add(group.id)
        else known.add(group.id)
      }
      const part = isAlone ? Number(findPart.get(span, startMs, group.id)?.['part']) : 0
      add.run(span, startMs, group.id, part, ...measures)
    }
  }
}

const maxKnownGroups = 50_000

/** Adds all stored calls to empty rollups, for a data folder of an older version; in the caller's transaction. */
export function fillRollups(database: DatabaseSync, onUpgrade: OnUpgrade = () => {}): void {
  const writer = createRollupWriter(database)
  const totalRows = Number(database.prepare('SELECT count(*) AS calls FROM calls').get()?.['calls'])
  const count = createRowCounter(onUpgrade, { table: 'calls', totalRows })
  const next = database.prepare(
    'SELECT max(rowid) AS last FROM (SELECT rowid FROM calls WHERE rowid > ? ORDER BY rowid LIMIT ?)',
  )
  const batch = database.prepare(`SELECT ${callColumns.join(', ')} FROM calls WHERE rowid > ? AND rowid <= ?`)
  for (let read = 0; ;) {
    const last = next.get(read, fillBatch)?.['last'] ?? null
    if (last === null) return
    const calls = readStoredCalls(batch, read, Number(last))
    writer.add(calls)
    count(calls.length)
    read = Number(last)
  }
}

/** Runs a statement that returns `callColumns`. */
export function readStoredCalls(
  statement: StatementSync,
  ...values: readonly (string | number)[]
): readonly CallValues[] {
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  // With `setReturnArrays` a row is an array; STRICT tables without BLOB or REAL columns hold only these types.
  const rows = statement.all(...values) as unknown as readonly (string | bigint | null)[][]
  return rows.map((row) => row.map(toColumnValue))
}

const fillBatch = 10_000

/** Integers that a number cannot hold stay text, as in a row's encoding. */
function toColumnValue(value: string | bigint | null): string | number | null {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
