import type { PoolClient } from 'pg'

import { readHourChanges } from '../../ledger/hour-changes.ts'
import { rollupSpans } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { MaintenanceSteps } from '../maintenance.ts'
import { adaptRows, createRemovalPlan, firstStepRows, lateMs, pruneRollups } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { rollupStatements } from '../schema/rollups.ts'
import type { Connections } from './connections.ts'
import { dayMs, removeOldPartition } from './partitions.ts'
import { toPostgresStatement } from './placeholders.ts'
import { runTransaction } from './postgres-database.ts'
import { createLevelWriter } from './rollup-writer.ts'
import type { LevelWriter } from './rollup-writer.ts'

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
  let maxRows = firstStepRows
  async function removeRollups(client: PoolClient, beforeMs: number): Promise<boolean> {
    const startedMs = performance.now()
    const { text, values } = toPostgresStatement(pruneRollups, [beforeMs, maxRows])
    const { rowCount } = await client.query(text, [...values])
    if ((rowCount ?? 0) === 0) return false
    maxRows = adaptRows(maxRows, performance.now() - startedMs)
    return true
  }
  async function prune(client: PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ name: string; until_ms: bigint }>(rollupStatements.readRemoved)
    const stored = rows.map(({ name, until_ms: beforeMs }) => [name, Number(beforeMs)] as const)
    const { announced, isDue, callsBeforeMs, sumsBeforeMs } = plan(stored)
    for (const time of announced) {
      const { text, values } = toPostgresStatement(rollupStatements.setRemoved, time)
      await client.query(text, [...values])
    }
    if (!isDue) return false
    if (callsBeforeMs !== null && (await removeOldPartition(client, Math.floor(callsBeforeMs / dayMs))))
      return true
    return sumsBeforeMs !== null && removeRollups(client, sumsBeforeMs)
  }
  return {
    run: () =>
      connections.use(
        async (client) =>
          (await runTransaction(client, () => deriveNextHour(client, writeLevels, nowMs() - lateMs))) ||
          prune(client),
      ),
  }
}

/** As for SQLite. The lock waits for transactions that write calls of the hour, and excludes other servers. */
async function deriveNextHour(client: PoolClient, writeLevels: LevelWriter, nowMs: number): Promise<boolean> {
  const run = async (sql: string, given: readonly (number | bigint)[] = []) => {
    const { text, values } = toPostgresStatement(sql, given)
    return (await client.query<Record<string, string | bigint | null>>(text, [...values])).rows
  }
  const [progress] = await run(`${rollupStatements.readProgress} FOR UPDATE`)
  const [next] = await run(rollupStatements.findHour, [Number(progress?.['until_ms'] ?? 0)])
  const found = next?.['start_ms'] ?? null
  const hourMs = found === null ? null : Number(found)
  if (hourMs === null || hourMs + rollupSpans.hour > nowMs) return false
  const changes = readHourChanges(hourMs, await run(rollupStatements.readHour, [hourMs]))
  await writeLevels(client, deriveChanges(changes))
  await run(rollupStatements.setProgress, [hourMs + rollupSpans.hour])
  return true
}
