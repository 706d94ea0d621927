import type { DatabaseSync } from 'node:sqlite'

import { allDimensions, rollupDimensions, rollupMeasures, rollupSpans } from '../../ledger/rollup.ts'
import type { RollupChange } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import { rollupStatements } from '../schema/rollups.ts'
import { rollBack } from './database.ts'
import { createApply } from './rollup-writer.ts'

/**
 * Derives the coarser sums of the next hour that ended before a time, in a transaction of its own. Returns false if
 * there is none. Calls that are written into the hour later are added to the coarser sums by the rollup writer.
 */
export function deriveNextHour(database: DatabaseSync, nowMs: number): boolean {
  database.exec('BEGIN IMMEDIATE')
  try {
    const hourMs = findNextHour(database)
    const isOver = hourMs !== null && hourMs + rollupSpans.hour <= nowMs
    if (isOver) {
      const apply = createApply(database)
      for (const change of deriveChanges(readHour(database, hourMs))) apply(change)
      database.prepare(rollupStatements.setProgress).run(hourMs + rollupSpans.hour)
    }
    database.exec('COMMIT')
    return isOver
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function findNextHour(database: DatabaseSync): number | null {
  const untilMs = Number(database.prepare(rollupStatements.readProgress).get()?.['until_ms'] ?? 0)
  const next = database.prepare(rollupStatements.findHour).get(untilMs)?.['start_ms'] ?? null
  return next === null ? null : Number(next)
}

function readHour(database: DatabaseSync, hourMs: number): readonly RollupChange[] {
  const statement = database.prepare(rollupStatements.readHour)
  statement.setReadBigInts(true)
  return statement.all(hourMs).map((row) => ({
    hourMs,
    group: {
      id: BigInt(String(row['id'])),
      level: allDimensions,
      dimensions: rollupDimensions.map((name) => String(row[name])),
    },
    measures: rollupMeasures.map((name) => BigInt(String(row[name]))),
    isAlone: row['part'] !== 0n,
  }))
}
