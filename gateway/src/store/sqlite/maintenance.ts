import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { getDay } from '../../clock.ts'
import type { MaintenanceSteps } from '../maintenance.ts'
import {
  adaptRows,
  createRemovalPlan,
  firstStepRows,
  lateMs,
  limitCorrections,
  pruneCorrections,
  pruneRejections,
  pruneRollups,
} from '../retention.ts'
import type { Retention } from '../retention.ts'
import { readRollupState, rollupStatements } from '../schema/rollups.ts'
import { pruneSessionTimes } from '../schema/sessions.ts'
import { beforeGroups, groupStatements, nextRemoval } from '../unused-groups.ts'
import { rollBack } from './database.ts'
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
  const removeSessions = database.prepare(pruneSessionTimes)
  const removeCorrections = database.prepare(pruneCorrections)
  const removeRollups = database.prepare(pruneRollups)
  const removeRejections = database.prepare(pruneRejections)
  const readRemoved = database.prepare(rollupStatements.readRemoved)
  const setRemoved = database.prepare(rollupStatements.setRemoved)
  const plan = createRemovalPlan(retention, nowMs)
  const groups = createGroupRemoval(database, nowMs)
  const startedAtMs = nowMs()
  let maxRows = firstStepRows
  function removeRows(statement: StatementSync, ...values: readonly (number | string)[]): boolean {
    const beganMs = performance.now()
    const { changes } = statement.run(...values, maxRows)
    if (Number(changes) === 0) return false
    maxRows = adaptRows(maxRows, performance.now() - beganMs)
    return true
  }
  function removeOldCalls(beforeMs: number): boolean {
    if (removeRows(removeCalls, beforeMs) || removeRows(removeSessions, beforeMs)) return true
    const limitMs = limitCorrections(beforeMs, startedAtMs)
    return removeRows(removeCorrections, limitMs, limitMs, limitMs)
  }
  function removeOldSums(beforeMs: number): boolean {
    if (removeRows(removeRollups, beforeMs)) {
      groups.restart()
      return true
    }
    return removeRows(removeRejections, getDay(beforeMs), beforeMs) || groups.removeNext()
  }
  function prune(): boolean {
    const stored = readRemoved.all().map((row) => [String(row['name']), Number(row['until_ms'])] as const)
    const { announced, isDue, callsBeforeMs, sumsBeforeMs } = plan(stored)
    for (const time of announced) setRemoved.run(...time)
    if (!isDue) return false
    return (
      (callsBeforeMs !== null && removeOldCalls(callsBeforeMs)) ||
      (sumsBeforeMs !== null && removeOldSums(sumsBeforeMs))
    )
  }
  return { run: async () => deriveNextHour(nowMs() - lateMs) || prune() }
}

interface GroupRemoval {
  /** Looks at all groups again. */
  restart(): void
  /** Removes the unused ones among the next groups; false: all have been looked at. */
  removeNext(): boolean
}

function createGroupRemoval(database: DatabaseSync, nowMs: () => number): GroupRemoval {
  const readPage = database.prepare(groupStatements.readPage)
  readPage.setReadBigInts(true)
  const readState = database.prepare(rollupStatements.readState)
  const remove = database.prepare(groupStatements.remove)
  const setRemoved = database.prepare(groupStatements.setRemoved)
  let maxRows = firstStepRows
  let afterId: bigint | null = beforeGroups

  /** Other processes may write sums too. */
  function removeUnused(from: bigint, lastId: bigint): void {
    database.exec('BEGIN IMMEDIATE')
    try {
      const { derivedMs, removedGroups } = readRollupState(readState.all())
      if (Number(remove.run(from, lastId, derivedMs).changes) > 0)
        setRemoved.run(nextRemoval(removedGroups, nowMs()))
      database.exec('COMMIT')
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  return {
    restart() {
      afterId = beforeGroups
    },
    removeNext() {
      if (afterId === null) return false
      const beganMs = performance.now()
      const page = readPage.get(afterId, maxRows) as Record<string, bigint | null> | undefined // All are integers.
      const lastId = page?.['last_id'] ?? null
      if (lastId !== null && (page?.['unused'] ?? 0n) !== 0n) removeUnused(afterId, lastId)
      afterId = lastId
      maxRows = adaptRows(maxRows, performance.now() - beganMs)
      return lastId !== null
    },
  }
}

/** Values: a time, and the largest number of rows. */
const pruneCalls = `DELETE FROM calls WHERE seq IN (
  SELECT seq FROM calls WHERE started_at_ms < ? ORDER BY started_at_ms, id LIMIT ?)`
