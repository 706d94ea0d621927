import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import { findRolling } from './budget.ts'
import type { Budget } from './budget.ts'
import {
  createOwnerFilter,
  createProcessFilter,
  findWanted,
  hasLabel,
  spent,
  toAmount,
} from './spend-query.ts'
import type { SpendRange, SpendSource, Wanted } from './spend-query.ts'

/** A batch as a budget counts it. Amounts are nano-dollars. */
export interface BatchSpend {
  readonly id: string
  readonly slot: number
  readonly isSettled: boolean
  readonly holdNanoUsd: number
  /** The results that are in the ledger and count for the budget. */
  readonly rowsNanoUsd: number
}

/** Reads the batches that a budget counts, by when they were created; all of a batch comes from the same moment. */
export async function readBatches(
  queries: Queries,
  budget: Budget,
  { isUnsettled = false, ...range }: SpendRange & { readonly isUnsettled?: boolean },
  source: SpendSource,
): Promise<readonly BatchSpend[]> {
  if (range.untilMs <= range.sinceMs) return []
  const wanted = await findWanted(queries, budget, source)
  if (wanted === null) return []
  const rolling = findRolling(budget)
  const slot = rolling === null ? '0' : `created_at_ms / ${rolling.slotMs}`
  const ofModels = createRowSum(budget.models)
  const byOwner = createOwnerFilter(wanted.filter)
  const byProcess = createProcessFilter(range.processes)
  const rows = await queries.query(
    `SELECT id, ${slot} AS slot, labels, models, settled_at_ms, hold_nano_usd, ${ofModels.sql} AS rows_nano_usd
     FROM resources WHERE ${isUnsettled ? unsettled : "kind <> 'file'"}
       AND created_at_ms >= ? AND created_at_ms < ?${byOwner.sql}${byProcess.sql}`,
    [...ofModels.values, range.sinceMs, range.untilMs, ...byOwner.values, ...byProcess.values],
  )
  return rows.filter((row) => isWanted(row, wanted)).map((row) => toBatch(row))
}

/** The costs of those batches that are settled, by id. */
export async function readSettled(
  queries: Queries,
  ids: readonly string[],
  models: Budget['models'],
): Promise<ReadonlyMap<string, number>> {
  const ofModels = createRowSum(models)
  const costs = new Map<string, number>()
  for (let at = 0; at < ids.length; at += idsPerQuery) {
    const asked = ids.slice(at, at + idsPerQuery)
    const rows = await queries.query(
      `SELECT id, ${ofModels.sql} AS rows_nano_usd FROM resources
       WHERE id IN (${asked.map(() => '?').join(', ')}) AND settled_at_ms IS NOT NULL`,
      [...ofModels.values, ...asked],
    )
    for (const row of rows) costs.set(readText(row, 'id'), readSum(row))
  }
  return costs
}

/**
 * Names the unsettled batches of a time, of all processes before `cutMs` and of some after it. The name changes when one
 * is created or settled.
 */
export async function nameUnsettled(
  queries: Queries,
  { cutMs, ...range }: SpendRange & { readonly cutMs: number },
): Promise<string> {
  const { sql, values } = createProcessFilter(range.processes)
  const [row] = await queries.query(
    `SELECT count(*) AS batches, CAST(coalesce(sum(seq), 0) AS BIGINT) AS places FROM resources
     WHERE ${unsettled} AND created_at_ms >= ? AND created_at_ms < ? AND (created_at_ms < ? OR (TRUE${sql}))`,
    [range.sinceMs, range.untilMs, cutMs, ...values],
  )
  return row === undefined ? '' : `${readInteger(row, 'batches')} ${readInteger(row, 'places')}`
}

/** Also those that an upstream was asked for and whose ids are not known. */
const unsettled = "kind <> 'file' AND settled_at_ms IS NULL"

/** The results of a batch in the ledger have its id and time (`result-row.ts`). */
function createRowSum(models: Budget['models']): {
  readonly sql: string
  readonly values: readonly SqlValue[]
} {
  const byModel = models === null ? '' : ` AND model IN (${models.map(() => '?').join(', ')})`
  const sql = `(SELECT CAST(sum(${spent}) AS BIGINT) FROM calls AS counted
    WHERE started_at_ms = resources.created_at_ms AND id > resources.id || '/' AND id < resources.id || '0'${byModel})`
  return { sql, values: models ?? [] }
}

function isWanted(row: SqlRow, { budget: { models }, scope }: Wanted): boolean {
  if (scope.kind === 'label' && !hasLabel(readNullable(row, 'labels', readText), scope)) return false
  if (models === null) return true
  // Written by the resource table: an object of model ids.
  const ids = Object.values(JSON.parse(readText(row, 'models')) as Record<string, string>)
  return ids.some((id) => models.includes(id))
}

function toBatch(row: SqlRow): BatchSpend {
  return {
    id: readText(row, 'id'),
    slot: readNumber(row, 'slot'),
    isSettled: row['settled_at_ms'] !== null,
    holdNanoUsd: readNullable(row, 'hold_nano_usd', readNumber) ?? 0,
    rowsNanoUsd: readSum(row),
  }
}

function readSum(row: SqlRow): number {
  return toAmount(readNullable(row, 'rows_nano_usd', readInteger) ?? 0n)
}

/** Within the number of values that every store takes. */
const idsPerQuery = 500
