import type { PoolClient } from 'pg'

import { getDay } from '../../clock.ts'
import { readHourChanges } from '../../ledger/hour-changes.ts'
import { rollupSpans } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { SqlValue } from '../database.ts'
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
import type { Connections } from './connections.ts'
import { dayMs, removeOldPartition } from './partitions.ts'
import { toPostgresStatement } from './placeholders.ts'
import { runTransaction } from './postgres-database.ts'
import { createLevelWriter } from './rollup-writer.ts'
import type { LevelWriter } from './rollup-writer.ts'
import { createSessionFill } from './session-fill.ts'

interface StepOptions {
  readonly retention: Retention
  readonly nowMs?: () => number
}

/** Derives the coarser sums of hours that are over, and removes old rows. Several servers may do so at the same time. */
export function createSteps(
  connections: Connections,
  { retention, nowMs = Date.now }: StepOptions,
): MaintenanceSteps {
  const writeLevels = createLevelWriter()
  const plan = createRemovalPlan(retention, nowMs)
  const groups = createGroupRemoval(nowMs)
  const fillSessions = createSessionFill(nowMs)
  const startedAtMs = nowMs()
  let maxRows = firstStepRows
  async function removeRows(client: PoolClient, sql: string, values: readonly SqlValue[]): Promise<boolean> {
    const beganMs = performance.now()
    const { rowCount } = await run(client, sql, [...values, maxRows])
    if ((rowCount ?? 0) === 0) return false
    maxRows = adaptRows(maxRows, performance.now() - beganMs)
    return true
  }
  async function removeOldCalls(client: PoolClient, beforeMs: number): Promise<boolean> {
    if (await removeOldPartition(client, Math.floor(beforeMs / dayMs))) return true
    if (await removeRows(client, pruneSessionTimes, [beforeMs])) return true
    const limitMs = limitCorrections(beforeMs, startedAtMs)
    return removeRows(client, pruneCorrections, [limitMs, limitMs, limitMs])
  }
  async function removeOldSums(client: PoolClient, beforeMs: number): Promise<boolean> {
    if (await removeRows(client, pruneRollups, [beforeMs])) {
      groups.restart()
      return true
    }
    return (
      (await removeRows(client, pruneRejections, [getDay(beforeMs), beforeMs])) || groups.removeNext(client)
    )
  }
  async function prune(client: PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ name: string; until_ms: bigint }>(rollupStatements.readRemoved)
    const stored = rows.map(({ name, until_ms: beforeMs }) => [name, Number(beforeMs)] as const)
    const { announced, isDue, callsBeforeMs, sumsBeforeMs } = plan(stored)
    for (const time of announced) await run(client, rollupStatements.setRemoved, time)
    if (!isDue) return false
    if (callsBeforeMs !== null && (await removeOldCalls(client, callsBeforeMs))) return true
    return sumsBeforeMs !== null && removeOldSums(client, sumsBeforeMs)
  }
  return {
    run: () =>
      connections.use(
        async (client) =>
          (await runTransaction(client, () => deriveNextHour(client, writeLevels, nowMs() - lateMs))) ||
          (await fillSessions(client)) ||
          prune(client),
      ),
  }
}

/** Without a name: PostgreSQL plans the statement for these values. */
function run(client: PoolClient, sql: string, given: readonly SqlValue[]) {
  const { text, values } = toPostgresStatement(sql, given)
  return client.query<Record<string, string | bigint | null>>(text, [...values])
}

/** The lock waits for transactions that write sums, and excludes other servers. */
async function lockState(client: PoolClient) {
  return readRollupState((await run(client, `${rollupStatements.readState} FOR UPDATE`, [])).rows)
}

/** As for SQLite. */
async function deriveNextHour(client: PoolClient, writeLevels: LevelWriter, nowMs: number): Promise<boolean> {
  const state = await lockState(client)
  const [next] = (await run(client, rollupStatements.findHour, [state.derivedMs])).rows
  const found = next?.['start_ms'] ?? null
  const hourMs = found === null ? null : Number(found)
  if (hourMs === null || hourMs + rollupSpans.hour > nowMs) return false
  const { rows } = await run(client, rollupStatements.readHour, [hourMs])
  await writeLevels(client, deriveChanges(readHourChanges(hourMs, rows)), state)
  await run(client, rollupStatements.setProgress, [hourMs + rollupSpans.hour])
  return true
}

interface GroupRemoval {
  /** Looks at all groups again. */
  restart(): void
  /** Removes the unused ones among the next groups; false: all have been looked at. */
  removeNext(client: PoolClient): Promise<boolean>
}

function createGroupRemoval(nowMs: () => number): GroupRemoval {
  let maxRows = firstStepRows
  let afterId: bigint | null = beforeGroups

  /** Returns false if writers could not learn of a removal yet. */
  async function removeUnused(client: PoolClient, from: bigint, lastId: bigint): Promise<boolean> {
    const { derivedMs, removedGroups } = await lockState(client)
    // A writer that waits for the lock sees a changed row, but not a new one.
    const isKnown = removedGroups !== null
    const isChanged =
      !isKnown || ((await run(client, groupStatements.remove, [from, lastId, derivedMs])).rowCount ?? 0) > 0
    if (isChanged) await run(client, groupStatements.setRemoved, [nextRemoval(removedGroups, nowMs())])
    return isKnown
  }

  return {
    restart() {
      afterId = beforeGroups
    },
    async removeNext(client) {
      if (afterId === null) return false
      const from = afterId
      const beganMs = performance.now()
      const [page] = (await run(client, groupStatements.readPage, [from, maxRows])).rows
      const lastId = page?.['last_id'] ?? null
      if (lastId !== null && Number(page?.['unused'] ?? 0) > 0) {
        const isRemoved = await runTransaction(client, () => removeUnused(client, from, BigInt(lastId)))
        if (!isRemoved) return false
      }
      afterId = lastId === null ? null : BigInt(lastId)
      maxRows = adaptRows(maxRows, performance.now() - beganMs)
      return lastId !== null
    },
  }
}
