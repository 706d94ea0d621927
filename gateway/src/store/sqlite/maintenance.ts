import type { DatabaseSync } from 'node:sqlite'

import type { MaintenanceSteps } from '../maintenance.ts'
import { adaptRows, firstStepRows, lateMs, planPruning } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { deriveNextHour } from './rollup-derivation.ts'

interface StepOptions {
  readonly retention: Retention
  readonly nowMs?: () => number
}

/** Derives the coarser sums of hours that are over, and removes old rows. */
export function createSteps(
  database: DatabaseSync,
  { retention, nowMs = Date.now }: StepOptions,
): MaintenanceSteps {
  let maxRows = firstStepRows
  function prune(): boolean {
    for (const { statement, beforeMs } of planPruning(retention, nowMs())) {
      const startedMs = performance.now()
      const { changes } = database.prepare(statement).run(beforeMs, maxRows)
      if (Number(changes) === 0) continue
      maxRows = adaptRows(maxRows, performance.now() - startedMs)
      return true
    }
    return false
  }
  return { run: async () => deriveNextHour(database, nowMs() - lateMs) || prune() }
}
