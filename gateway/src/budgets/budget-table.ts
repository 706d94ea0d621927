import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Database, Queries, SqlRow } from '../store/database.ts'
import { countsSame } from './budget.ts'
import type { Budget, BudgetAction } from './budget.ts'
import type { WindowKind } from './window.ts'

/** The members of a budget that a user sets. */
export type BudgetSettings = Omit<Budget, 'id' | 'revision' | 'source' | 'activeFromMs'>

/** Time after a change at which it begins to count: by then every process knows it. */
export const activationMs = 500

export async function listBudgets(queries: Queries): Promise<readonly Budget[]> {
  const rows = await queries.query(
    `SELECT * FROM budgets WHERE deleted_at_ms IS NULL ORDER BY created_at_ms, id`,
  )
  return rows.map(readBudget)
}

/** Lists budgets in the order of their creation, after a place, each with its own place. */
export async function listBudgetPlaces(
  queries: Queries,
  after: readonly [createdAtMs: number, id: string] | null,
): Promise<readonly { readonly budget: Budget; readonly place: readonly [number, string] }[]> {
  const [createdAtMs, id] = after ?? [-1, '']
  const rows = await queries.query(
    `SELECT * FROM budgets
     WHERE deleted_at_ms IS NULL AND (created_at_ms > ? OR (created_at_ms = ? AND id > ?))
     ORDER BY created_at_ms, id`,
    [createdAtMs, createdAtMs, id],
  )
  return rows.map((row) => ({
    budget: readBudget(row),
    place: [readNumber(row, 'created_at_ms'), readText(row, 'id')],
  }))
}

/** Finds the budget with an id, or all with a scope. */
export async function findBudgets(queries: Queries, idOrScope: string): Promise<readonly Budget[]> {
  const rows = await queries.query(
    'SELECT * FROM budgets WHERE (id = ? OR scope = ?) AND deleted_at_ms IS NULL ORDER BY id',
    [idOrScope, idOrScope],
  )
  return rows.map(readBudget)
}

/** Increases with every change of any budget. */
export async function readRevision(queries: Queries): Promise<number> {
  const [row] = await queries.query('SELECT coalesce(max(revision), 0) AS revision FROM budgets')
  return row === undefined ? 0 : readNumber(row, 'revision')
}

/** Stores a new or changed budget, inside the transaction of its change. */
export async function writeBudget(
  queries: Queries,
  budget: Omit<Budget, 'revision' | 'activeFromMs'>,
  { known, nowMs }: { readonly known: Budget | null; readonly nowMs: number },
): Promise<Budget> {
  const revision = (await readRevision(queries)) + 1
  const isSame = known !== null && countsSame(known, { ...known, ...budget })
  const activeFromMs = isSame ? known.activeFromMs : nowMs + activationMs
  const written = { ...budget, revision, activeFromMs }
  await write(queries, written, nowMs)
  return written
}

/** Gives a budget another scope of the same calls, inside the transaction of the change. */
export async function setScope(queries: Queries, id: string, scope: string): Promise<void> {
  const revision = (await readRevision(queries)) + 1
  await queries.query('UPDATE budgets SET scope = ?, revision = ? WHERE id = ?', [scope, revision, id])
}

/** Makes every process read the budgets, and the names in their scopes, again. Without budgets there is nothing to read. */
export async function raiseRevision(queries: Queries): Promise<void> {
  await queries.query(
    `UPDATE budgets SET revision = (SELECT max(revision) FROM budgets) + 1
     WHERE id = (SELECT id FROM budgets ORDER BY revision DESC, id LIMIT 1)`,
  )
}

/** Deletes a budget, inside the transaction of its change. */
export async function markDeleted(queries: Queries, id: string, nowMs: number): Promise<void> {
  const revision = (await readRevision(queries)) + 1
  await queries.query('UPDATE budgets SET deleted_at_ms = ?, revision = ? WHERE id = ?', [
    nowMs,
    revision,
    id,
  ])
}

/** Makes the stored budgets of the configuration those of the file. Only the process that owns the store does it, at its start. */
export function storeConfiguredBudgets(
  database: Database,
  budgets: readonly (BudgetSettings & { readonly id: string })[],
  nowMs: number,
): Promise<void> {
  return database.transaction(async (queries) => {
    const known = (await listBudgets(queries)).filter(({ source }) => source === 'config')
    const kept = new Set(budgets.map(({ id }) => id))
    let revision = await readRevision(queries)
    for (const { id } of known) {
      if (kept.has(id)) continue
      revision += 1
      await queries.query('UPDATE budgets SET deleted_at_ms = ?, revision = ? WHERE id = ?', [
        nowMs,
        revision,
        id,
      ])
    }
    for (const settings of budgets) {
      revision += 1
      const activeFromMs = known.find(({ id }) => id === settings.id)?.activeFromMs ?? nowMs
      await write(queries, { ...settings, revision, source: 'config', activeFromMs }, nowMs)
    }
  })
}

const columns = [
  'id',
  'revision',
  'source',
  'scope',
  'models',
  'limit_nano_usd',
  'window_kind',
  'timezone',
  'rolling',
  'action',
  'thresholds',
  'raise_to_nano_usd',
  'raise_until_ms',
  'active_from_ms',
] as const

const upsert = `INSERT INTO budgets (${columns.join(', ')}, created_at_ms, deleted_at_ms)
VALUES (${columns.map(() => '?').join(', ')}, ?, NULL)
ON CONFLICT (id) DO UPDATE SET ${columns
  .slice(1)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')}, deleted_at_ms = NULL`

async function write(queries: Queries, budget: Budget, nowMs: number): Promise<void> {
  await queries.query(upsert, [
    budget.id,
    budget.revision,
    budget.source,
    budget.scope,
    budget.models === null ? null : JSON.stringify(budget.models),
    budget.limitNanoUsd,
    budget.window,
    budget.timezone,
    budget.rolling ? 1 : 0,
    budget.action,
    JSON.stringify(budget.thresholds),
    budget.raise?.toNanoUsd ?? null,
    budget.raise?.untilMs ?? null,
    budget.activeFromMs,
    nowMs,
  ])
}

function readBudget(row: SqlRow): Budget {
  const raiseTo = readNullable(row, 'raise_to_nano_usd', readNumber)
  const raiseUntil = readNullable(row, 'raise_until_ms', readNumber)
  const models = readNullable(row, 'models', readText)
  return {
    id: readText(row, 'id'),
    revision: readNumber(row, 'revision'),
    // Written by `write`, from these types.
    source: readText(row, 'source') as Budget['source'],
    scope: readText(row, 'scope'),
    models: models === null ? null : (JSON.parse(models) as string[]),
    limitNanoUsd: readNumber(row, 'limit_nano_usd'),
    window: readText(row, 'window_kind') as WindowKind,
    timezone: readText(row, 'timezone'),
    rolling: readInteger(row, 'rolling') === 1n,
    action: readText(row, 'action') as BudgetAction,
    thresholds: JSON.parse(readText(row, 'thresholds')) as number[],
    raise: raiseTo === null || raiseUntil === null ? null : { toNanoUsd: raiseTo, untilMs: raiseUntil },
    activeFromMs: readNumber(row, 'active_from_ms'),
  }
}
