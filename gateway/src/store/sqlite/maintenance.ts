import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { MaintenanceSteps } from '../maintenance.ts'
import { adaptRows, firstStepRows, lateMs, planPruning, pruneRollups } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { createHourDerivation } from './rollup-derivation.ts'

interface StepOptions {
  readonly retention: Retention
  readonly nowMs?: () => number
}

/** Derives the coarser sums of hours that are over, and removes old rows. */
export function createSteps(
  database: DatabaseSync,
  { retention, nowMs = Date.now }: StepOptions,
): MaintenanceSteps {
  const deriveNextHour = createHourDerivation(database)
  const removeCalls = database.prepare(pruneCalls)
  const removeRollups = database.prepare(pruneRollups)
  let maxRows = firstStepRows
  function removeRows(statement: StatementSync, beforeMs: number | null): boolean {
    if (beforeMs === null) return false
    const startedMs = performance.now()
    const { changes } = statement.run(beforeMs, maxRows)
    if (Number(changes) === 0) return false
    maxRows = adaptRows(maxRows, performance.now() - startedMs)
    return true
  }
  function prune(): boolean {
    const { callsBeforeMs, rollupsBeforeMs } = planPruning(retention, nowMs())
    return removeRows(removeCalls, callsBeforeMs) || removeRows(removeRollups, rollupsBeforeMs)
  }
  return { run: async () => deriveNextHour(nowMs() - lateMs) || prune() }
}

/** Values: a time, and the largest number of rows. */
const pruneCalls = `DELETE FROM calls WHERE seq IN (
  SELECT seq FROM calls WHERE started_at_ms < ? ORDER BY started_at_ms, id LIMIT ?)`
