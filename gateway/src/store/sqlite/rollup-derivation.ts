import type { DatabaseSync } from 'node:sqlite'

import { allDimensions, rollupDimensions, rollupMeasures, rollupSpans } from '../../ledger/rollup.ts'
import type { RollupChange } from '../../ledger/rollup.ts'
import { deriveChanges, readMeasure } from '../../ledger/rollup-levels.ts'
import { readRollupState, rollupStatements } from '../schema/rollups.ts'
import { rollBack } from './database.ts'
import { createLevelWriter } from './rollup-writer.ts'

/**
 * Returns a function that derives the coarser sums of the next hour that ended before a time, in a transaction of its
 * own, and returns false if there is none. Calls that are written into the hour later are added to the coarser sums by
 * the rollup writer. Its statements are prepared once: SQLite's memory for a statement is freed by a garbage
 * collection, which does not know its size.
 */
export function createHourDerivation(database: DatabaseSync): (nowMs: number) => boolean {
  const writeLevels = createLevelWriter(database)
  const readState = database.prepare(rollupStatements.readState)
  const findHour = database.prepare(rollupStatements.findHour)
  const readHour = database.prepare(rollupStatements.readHour)
  readHour.setReadBigInts(true)
  const setProgress = database.prepare(rollupStatements.setProgress)

  function findNextHour(derivedMs: number): number | null {
    const next = findHour.get(derivedMs)?.['start_ms'] ?? null
    return next === null ? null : Number(next)
  }

  return (nowMs) => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const state = readRollupState(readState.all())
      const hourMs = findNextHour(state.derivedMs)
      const isOver = hourMs !== null && hourMs + rollupSpans.hour <= nowMs
      if (isOver) {
        const changes = readHour.all(hourMs).map((row) => toChange(hourMs, row))
        writeLevels(deriveChanges(changes), state)
        setProgress.run(hourMs + rollupSpans.hour)
      }
      database.exec('COMMIT')
      return isOver
    } catch (error) {
      rollBack(database)
      throw error
    }
  }
}

/** A row of `readHour`, read with 64-bit integers: all its columns are texts or integers. */
function toChange(hourMs: number, row: Readonly<Record<string, unknown>>): RollupChange {
  return {
    hourMs,
    group: {
      id: row['id'] as bigint,
      level: allDimensions,
      dimensions: rollupDimensions.map((name) => row[name] as string),
    },
    measures: rollupMeasures.map((name) => readMeasure(row[name] as bigint)),
    isAlone: row['part'] !== 0n,
  }
}
