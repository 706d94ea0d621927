import type { DatabaseSync } from 'node:sqlite'

import { allDimensions, rollupDimensions, rollupMeasures, rollupSpans } from '../../ledger/rollup.ts'
import type { RollupChange } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import { rollupStatements } from '../schema/rollups.ts'
import { rollBack } from './database.ts'
import { createApply } from './rollup-writer.ts'

/**
 * Returns a function that derives the coarser sums of the next hour that ended before a time, in a transaction of its
 * own, and returns false if there is none. Calls that are written into the hour later are added to the coarser sums by
 * the rollup writer. Its statements are prepared once: SQLite's memory for a statement is freed by a garbage
 * collection, which does not know its size.
 */
export function createHourDerivation(database: DatabaseSync): (nowMs: number) => boolean {
  const apply = createApply(database)
  const readProgress = database.prepare(rollupStatements.readProgress)
  const findHour = database.prepare(rollupStatements.findHour)
  const readHour = database.prepare(rollupStatements.readHour)
  readHour.setReadBigInts(true)
  const setProgress = database.prepare(rollupStatements.setProgress)

  function findNextHour(): number | null {
    const untilMs = Number(readProgress.get()?.['until_ms'] ?? 0)
    const next = findHour.get(untilMs)?.['start_ms'] ?? null
    return next === null ? null : Number(next)
  }

  return (nowMs) => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const hourMs = findNextHour()
      const isOver = hourMs !== null && hourMs + rollupSpans.hour <= nowMs
      if (isOver) {
        const changes = readHour.all(hourMs).map((row) => toChange(hourMs, row))
        for (const change of deriveChanges(changes)) apply(change)
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

function toChange(hourMs: number, row: Readonly<Record<string, unknown>>): RollupChange {
  return {
    hourMs,
    group: {
      id: BigInt(String(row['id'])),
      level: allDimensions,
      dimensions: rollupDimensions.map((name) => String(row[name])),
    },
    measures: rollupMeasures.map((name) => BigInt(String(row[name]))),
    isAlone: row['part'] !== 0n,
  }
}
