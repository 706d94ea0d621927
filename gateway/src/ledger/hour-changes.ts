import type { SqlRow } from '../store/database.ts'
import { allDimensions, rollupDimensions, rollupMeasures } from './rollup.ts'
import type { RollupChange } from './rollup.ts'
import { readMeasure } from './rollup-levels.ts'

/** The stored sums of an hour, from rows of `rollupStatements.readHour`. */
export function readHourChanges(hourMs: number, rows: readonly SqlRow[]): readonly RollupChange[] {
  return rows.map((row) => ({
    hourMs,
    group: {
      id: BigInt(row['id'] ?? 0),
      level: allDimensions,
      dimensions: rollupDimensions.map((name) => String(row[name])),
    },
    measures: rollupMeasures.map((name) => readMeasure(BigInt(row[name] ?? 0))),
    isAlone: BigInt(row['part'] ?? 0) !== 0n,
  }))
}
