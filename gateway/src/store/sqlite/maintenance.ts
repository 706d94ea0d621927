import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { MaintenanceSteps } from '../maintenance.ts'
import { adaptRows, createRemovalPlan, firstStepRows, lateMs, pruneRollups } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { rollupStatements } from '../schema/rollups.ts'
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
  const readRemoved = database.prepare(rollupStatements.readRemoved)
  const setRemoved = database.prepare(rollupStatements.setRemoved)
  const plan = createRemovalPlan(retention, nowMs)
  let maxRows = firstStepRows
  function removeRows(statement: StatementSync, ...values: readonly number[]): boolean {
    const startedMs = performance.now()
    const { changes } = statement.run(...values, maxRows)
    if (Number(changes) === 0) return false
    maxRows = adaptRows(maxRows, performance.now() - startedMs)
    return true
  }
  function prune(): boolean {
    const stored = readRemoved.all().map((row) => [String(row['name']), Number(row['until_ms'])] as const)
    const { announced, isDue, callsBeforeMs, sumsBeforeMs } = plan(stored)
    for (const time of announced) setRemoved.run(...time)
    if (!isDue) return false
    if (callsBeforeMs !== null && removeRows(removeCalls, callsBeforeMs)) return true
    return sumsBeforeMs !== null && removeRows(removeRollups, sumsBeforeMs)
  }
  return { run: async () => deriveNextHour(nowMs() - lateMs) || prune() }
}

/** Values: a time, and the largest number of rows. */
const pruneCalls = `DELETE FROM calls WHERE seq IN (
  SELECT seq FROM calls WHERE started_at_ms < ? ORDER BY started_at_ms, id LIMIT ?)`
