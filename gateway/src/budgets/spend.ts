import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import type { OwnerNames } from '../ledger/owner-names.ts'
import type { Budget } from './budget.ts'
import { parseScope } from './scope.ts'
import type { Scope } from './scope.ts'
import { rollingWindows } from './window.ts'
import type { RollingWindow } from './window.ts'

/** The rows that count: those of calls that began in this time, of one process or of all. */
export interface SpendRange {
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
  /** Null: all processes. The id of a server stands for all of its processes, whose ids begin with it. */
  readonly processId: string | null
}

/** The names by which the rows of a budget are found. */
export interface SpendSource {
  readonly names: OwnerNames
  /** Keys that are not in the store. */
  readonly builtInKeys: readonly { readonly id: string; readonly name: string }[]
}

/**
 * Sums what the ledger and the unsettled batches hold for a budget, by slot of its rolling window; a calendar window
 * has slot 0 only. A call that never ended counts with its hold until it is reconciled, a running one as well.
 */
export async function readSpend(
  queries: Queries,
  budget: Budget,
  { sinceMs, untilMs, processId }: SpendRange,
  source: SpendSource,
): Promise<ReadonlyMap<number, number>> {
  const rolling = findRolling(budget)
  const slots = new Map<number, number>()
  const scope = parseScope(budget.scope)
  if (scope === null || untilMs <= sinceMs) return slots
  const where = await createScopeFilter(queries, scope, source)
  const slot = rolling === null ? '0' : `started_at_ms / ${rolling.slotMs}`
  const byModel = budget.models === null ? '' : ` AND model IN (${budget.models.map(() => '?').join(', ')})`
  const byProcess = processId === null ? '' : ' AND (process_id = ? OR process_id LIKE ?)'
  const rows = await queries.query(
    `SELECT ${slot} AS slot, labels, CAST(sum(${spent}) AS BIGINT) AS nano_usd FROM all_calls
     WHERE started_at_ms >= ? AND started_at_ms < ?${where.sql}${byModel}${byProcess} GROUP BY 1, 2`,
    [
      sinceMs,
      untilMs,
      ...where.values,
      ...(budget.models ?? []),
      ...(processId === null ? [] : [processId, `${processId}/%`]),
    ],
  )
  const batches = processId === null ? await readBatches(queries, budget, { sinceMs, untilMs, where }) : []
  for (const row of [...rows, ...batches]) {
    if (scope.kind === 'label' && !hasLabel(readNullable(row, 'labels', readText), scope)) continue
    const at = readNumber(row, 'slot')
    const amount = readNullable(row, 'nano_usd', readInteger) ?? 0n
    slots.set(at, (slots.get(at) ?? 0) + Number(amount < maxAmount ? amount : maxAmount))
  }
  return slots
}

/** A row without a cost counts with its hold: the call runs, its process died, or nobody knows its price. */
const spent = `CASE WHEN coalesce(cost_nano_usd, hold_nano_usd, 0) > 9007199254740991 THEN 9007199254740991
ELSE CASE WHEN cost_nano_usd IS NOT NULL THEN cost_nano_usd
WHEN outcome IS NULL OR outcome = 'unknown' OR unpriced_because IS NOT NULL THEN coalesce(hold_nano_usd, 0) ELSE 0 END END`

const maxAmount = BigInt(Number.MAX_SAFE_INTEGER)

/** The holds of batches whose results are not in the ledger yet. */
async function readBatches(
  queries: Queries,
  budget: Budget,
  { sinceMs, untilMs, where }: Omit<SpendRange, 'processId'> & { readonly where: Filter },
): Promise<readonly SqlRow[]> {
  const rolling = findRolling(budget)
  const slot = rolling === null ? '0' : `created_at_ms / ${rolling.slotMs}`
  const rows = await queries.query(
    `SELECT ${slot} AS slot, labels, models, CAST(sum(hold_nano_usd) AS BIGINT) AS nano_usd FROM resources
     WHERE kind = 'batch' AND settled_at_ms IS NULL AND created_at_ms >= ? AND created_at_ms < ?${where.sql}
     GROUP BY 1, 2, 3`,
    [sinceMs, untilMs, ...where.values],
  )
  const { models } = budget
  if (models === null) return rows
  // Written by the resource table: an object of model ids.
  const namesOf = (row: SqlRow) =>
    Object.values(JSON.parse(readText(row, 'models')) as Record<string, string>)
  return rows.filter((row) => namesOf(row).some((id) => models.includes(id)))
}

interface Filter {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

async function createScopeFilter(
  queries: Queries,
  scope: Scope,
  { names, builtInKeys }: SpendSource,
): Promise<Filter> {
  switch (scope.kind) {
    case 'organization':
      return { sql: '', values: [] }
    case 'label':
      return { sql: ' AND labels IS NOT NULL', values: [] }
    case 'key':
      return createListFilter('key_id', [scope.name, ...(await findKeyIds(queries, scope.name, builtInKeys))])
    case 'workspace':
      return createListFilter('workspace_id', [scope.name, ...findIds(names.workspace, scope.name)])
    case 'member':
      return createListFilter('member_id', [scope.name, ...findIds(names.member, scope.name)])
  }
}

/** Ids of the keys with a name, among them revoked ones: a new key of the name continues their budget. */
async function findKeyIds(
  queries: Queries,
  name: string,
  builtInKeys: SpendSource['builtInKeys'],
): Promise<readonly string[]> {
  const stored = await queries.query('SELECT id FROM keys WHERE name = ?', [name])
  const builtIn = builtInKeys.filter((key) => key.name === name).map(({ id }) => id)
  return [...stored.map((row) => readText(row, 'id')), ...builtIn]
}

function createListFilter(column: string, values: readonly string[]): Filter {
  return { sql: ` AND ${column} IN (${values.map(() => '?').join(', ')})`, values }
}

function findIds(names: ReadonlyMap<string, string>, name: string): readonly string[] {
  return [...names].filter(([, known]) => known === name).map(([id]) => id)
}

function hasLabel(labels: string | null, { name, value }: Extract<Scope, { kind: 'label' }>): boolean {
  if (labels === null) return false
  // Written by `readLabels`: an object of strings.
  return (JSON.parse(labels) as Record<string, string>)[name] === value
}

/** Null for a calendar window. */
export function findRolling({ rolling, window }: Pick<Budget, 'rolling' | 'window'>): RollingWindow | null {
  return rolling && window !== 'total' ? rollingWindows[window] : null
}
