import type { PoolClient } from 'pg'

import { allDimensions, rollupDimensions, rollupMeasures, rollupSpans } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { MaintenanceSteps } from '../maintenance.ts'
import { adaptRows, firstStepRows, lateMs, planPruning } from '../retention.ts'
import type { Retention } from '../retention.ts'
import { rollupStatements } from '../schema/rollups.ts'
import type { Connections } from './connections.ts'
import { toPostgresStatement } from './placeholders.ts'
import { runTransaction } from './postgres-database.ts'
import { createLevelWriter } from './rollup-writer.ts'

interface StepOptions {
  readonly retention: Retention
  readonly nowMs?: () => number
}

/** Derives the coarser sums of hours that are over, and removes old rows. Several servers may do so at the same time. */
export function createSteps(
  connections: Connections,
  { retention, nowMs = Date.now }: StepOptions,
): MaintenanceSteps {
  let maxRows = firstStepRows
  async function prune(client: PoolClient): Promise<boolean> {
    for (const { statement, beforeMs } of planPruning(retention, nowMs())) {
      const startedMs = performance.now()
      const { text, values } = toPostgresStatement(statement, [beforeMs, maxRows])
      const { rowCount } = await client.query(text, [...values])
      if ((rowCount ?? 0) === 0) continue
      maxRows = adaptRows(maxRows, performance.now() - startedMs)
      return true
    }
    return false
  }
  return {
    run: () =>
      connections.use(
        async (client) =>
          (await runTransaction(client, () => deriveNextHour(client, nowMs() - lateMs))) || prune(client),
      ),
  }
}

/** As for SQLite. The lock waits for transactions that write calls of the hour, and excludes other servers. */
async function deriveNextHour(client: PoolClient, nowMs: number): Promise<boolean> {
  const run = async (sql: string, given: readonly (number | bigint)[] = []) => {
    const { text, values } = toPostgresStatement(sql, given)
    return (await client.query<Record<string, string | bigint | null>>(text, [...values])).rows
  }
  const [progress] = await run(`${rollupStatements.readProgress} FOR UPDATE`)
  const [next] = await run(rollupStatements.findHour, [Number(progress?.['until_ms'] ?? 0)])
  const found = next?.['start_ms'] ?? null
  const hourMs = found === null ? null : Number(found)
  if (hourMs === null || hourMs + rollupSpans.hour > nowMs) return false
  const changes = (await run(rollupStatements.readHour, [hourMs])).map((row) => ({
    hourMs,
    group: {
      id: BigInt(row['id'] ?? 0),
      level: allDimensions,
      dimensions: rollupDimensions.map((name) => String(row[name])),
    },
    measures: rollupMeasures.map((name) => BigInt(row[name] ?? 0)),
    isAlone: BigInt(row['part'] ?? 0) !== 0n,
  }))
  await createLevelWriter()(client, deriveChanges(changes))
  await run(rollupStatements.setProgress, [hourMs + rollupSpans.hour])
  return true
}
