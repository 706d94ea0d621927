import type { DatabaseSync } from 'node:sqlite'

import { sumRollups } from '../../ledger/rollup.ts'
import type { CallValues, RollupChange } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { LevelChange } from '../../ledger/rollup-levels.ts'
import { callColumns } from '../../ledger/row-codec.ts'
import { rollupStatements } from '../schema/rollups.ts'

/** Keeps the rollups equal to the sums of the calls. The caller has begun the transaction in which it writes both. */
export interface RollupWriter {
  /**
   * Adds calls that are about to be written, as values of `callColumns`. A call that is stored already is replaced:
   * its old values are subtracted. Of several with one id the last one counts.
   */
  add(calls: readonly CallValues[]): void
  /** Adds calls that are in the table already and have not been added before. */
  addStored(calls: Iterable<CallValues>): void
}

export function createRollupWriter(database: DatabaseSync): RollupWriter {
  const findStored = database.prepare(`SELECT ${callColumns.join(', ')} FROM calls WHERE id = ?`)
  findStored.setReturnArrays(true)
  findStored.setReadBigInts(true)
  const apply = createApply(database)
  const readProgress = database.prepare(rollupStatements.readProgress)

  function applyAll(changes: readonly RollupChange[]): void {
    if (changes.length === 0) return
    for (const change of changes) apply({ ...change, span: 'hour', startMs: change.hourMs })
    const untilMs = Number(readProgress.get()?.['until_ms'] ?? 0)
    const late = changes.filter(({ hourMs }) => hourMs < untilMs)
    for (const change of deriveChanges(late)) apply(change)
  }

  return {
    add(calls) {
      const last = new Map(calls.map((values) => [String(values[0]), values]))
      const replaced = [...last.keys()].flatMap((id) => {
        const stored = findStored.get(id)
        // With `setReturnArrays` a row is an array; STRICT tables hold only these types.
        return stored === undefined
          ? []
          : [(stored as unknown as (string | bigint | null)[]).map(toColumnValue)]
      })
      applyAll(sumRollups(last.values(), replaced))
    },
    addStored(calls) {
      applyAll(sumRollups(calls))
    },
  }
}

/** Returns a function that adds a change to its row. */
export function createApply(database: DatabaseSync): (change: LevelChange) => void {
  const insertGroup = database.prepare(rollupStatements.insertGroup)
  const add = database.prepare(rollupStatements.add)
  const findPart = database.prepare(rollupStatements.findPart)
  return ({ span, startMs, group, measures, isAlone }) => {
    insertGroup.run(group.id, group.level, ...group.dimensions)
    const part = isAlone ? Number(findPart.get(span, startMs, group.id)?.['part']) : 0
    add.run(span, startMs, group.id, part, ...measures)
  }
}

/** Adds all stored calls to empty rollups, for a data folder of an older version; in the caller's transaction. */
export function fillRollups(database: DatabaseSync): void {
  const writer = createRollupWriter(database)
  const all = database.prepare(`SELECT ${callColumns.join(', ')} FROM calls WHERE outcome IS NOT NULL`)
  all.setReturnArrays(true)
  all.setReadBigInts(true)
  let batch: CallValues[] = []
  for (const row of all.iterate()) {
    batch.push((row as unknown as (string | bigint | null)[]).map(toColumnValue)) // As above.
    if (batch.length < fillBatch) continue
    writer.addStored(batch)
    batch = []
  }
  writer.addStored(batch)
}

const fillBatch = 10_000

/** Integers that a number cannot hold stay text, as in a row's encoding. */
function toColumnValue(value: string | bigint | null): string | number | null {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
