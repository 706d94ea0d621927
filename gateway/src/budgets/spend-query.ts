import { readText } from '../store/database.ts'
import type { Queries, SqlValue } from '../store/database.ts'
import type { OwnerNames } from '../ledger/owner-names.ts'
import type { Budget } from './budget.ts'
import { parseScope } from './scope.ts'
import type { Scope } from './scope.ts'

// The parts of queries that find and add up what counts for a budget.

/** The calls that count: those that began in this time, of all processes or of some. */
export interface SpendRange {
  readonly sinceMs: number
  /** Exclusive. */
  readonly untilMs: number
  readonly processes: ProcessFilter
}

/** Ids of processes. The id of a server stands for all of its processes, whose ids begin with it. */
export type ProcessFilter = 'all' | { readonly only: string } | { readonly except: readonly string[] }

/** The names by which the rows of a budget are found. */
export interface SpendSource {
  readonly names: OwnerNames
  /** Keys that are not in the store. */
  readonly builtInKeys: readonly { readonly id: string; readonly name: string }[]
}

/** The calls that a budget counts. */
export interface Wanted {
  readonly budget: Budget
  readonly scope: Scope
  readonly filter: Filter
}

/** The owners whose calls count. */
export interface Filter {
  /** The dimension that the budget looks at; null: none. */
  readonly column: 'key_id' | 'workspace_id' | 'member_id' | 'labels' | null
  /** Its values; of labels all, which are compared one by one. */
  readonly values: readonly string[]
}

export interface SqlFilter {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

export function createOwnerFilter({ column, values }: Filter): SqlFilter {
  if (column === null) return { sql: '', values: [] }
  if (column === 'labels') return { sql: ' AND labels IS NOT NULL', values: [] }
  // Calls of older versions have no workspace; their keys are in the default one.
  const value = column === 'workspace_id' ? "coalesce(workspace_id, 'default')" : column
  return { sql: ` AND ${value} IN (${values.map(() => '?').join(', ')})`, values }
}

/** Null for a scope that cannot be read. */
export async function findWanted(
  queries: Queries,
  budget: Budget,
  source: SpendSource,
): Promise<Wanted | null> {
  const scope = parseScope(budget.scope)
  return scope === null ? null : { budget, scope, filter: await createScopeFilter(queries, scope, source) }
}

async function createScopeFilter(
  queries: Queries,
  scope: Scope,
  { names, builtInKeys }: SpendSource,
): Promise<Filter> {
  switch (scope.kind) {
    case 'organization':
      return { column: null, values: [] }
    case 'label':
      return { column: 'labels', values: [] }
    case 'key':
      return {
        column: 'key_id',
        values: [scope.name, ...(await findKeyIds(queries, scope.name, builtInKeys))],
      }
    case 'workspace':
      return { column: 'workspace_id', values: [scope.name, ...findIds(names.workspace, scope.name)] }
    case 'member':
      return { column: 'member_id', values: [scope.name, ...findIds(names.member, scope.name)] }
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

function findIds(names: ReadonlyMap<string, string>, name: string): readonly string[] {
  return [...names].filter(([, known]) => known === name).map(([id]) => id)
}

export function hasLabel(labels: string | null, { name, value }: Extract<Scope, { kind: 'label' }>): boolean {
  if (labels === null || labels === '') return false
  // Written by `readLabels`: an object of strings.
  return (JSON.parse(labels) as Record<string, string>)[name] === value
}

/** A condition for the column `process_id`. */
export function createProcessFilter(processes: ProcessFilter): SqlFilter {
  if (processes === 'all') return { sql: '', values: [] }
  if ('only' in processes) return { sql: ` AND ${isOf}`, values: listOwnIds(processes.only) }
  const others = processes.except.map(() => ` AND NOT ${isOf}`).join('')
  return {
    sql: others === '' ? '' : ` AND (process_id IS NULL OR (TRUE${others}))`,
    values: processes.except.flatMap(listOwnIds),
  }
}

/**
 * The hold of a row without a cost counts: the call runs, its process died, or nobody knows its price, unless a
 * correction has given it one.
 */
export const held = `CASE WHEN (outcome IS NULL OR outcome = 'unknown' OR unpriced_because IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM corrections WHERE call_id = counted.id AND unpriced < 0)
THEN coalesce(hold_nano_usd, 0) ELSE 0 END`

/** The same without corrections: the hold of a row whose price was not known when it ended. */
const heldAtEnd = `CASE WHEN outcome IS NULL OR outcome = 'unknown' OR unpriced_because IS NOT NULL
THEN coalesce(hold_nano_usd, 0) ELSE 0 END`

export const spent = createAmount(held)

/** The amount of a call as its process has reported it. */
export const reported = createAmount(heldAtEnd)

/** An absurd cost must not make a sum exceed 64 bits. */
function createAmount(heldAmount: string): string {
  return `CASE WHEN cost_nano_usd IS NULL THEN ${heldAmount}
WHEN cost_nano_usd > ${Number.MAX_SAFE_INTEGER} THEN ${Number.MAX_SAFE_INTEGER} ELSE cost_nano_usd END`
}

/** The hold that some processes have reported of a call without a price: its correction takes it away. */
export function createReleasedHold(reportedBy: 'all' | readonly string[]): SqlFilter {
  if (reportedBy.length === 0) return { sql: '', values: [] }
  const ids = reportedBy === 'all' ? [] : reportedBy
  const byProcess = reportedBy === 'all' ? 'TRUE' : ids.map(() => isOf).join(' OR ')
  return {
    sql: ` - CASE WHEN unpriced < 0 THEN coalesce((SELECT hold_nano_usd FROM calls
WHERE id = counted.call_id AND started_at_ms = counted.started_at_ms AND cost_nano_usd IS NULL AND (${byProcess})), 0) ELSE 0 END`,
    values: ids.flatMap(listOwnIds),
  }
}

/** The id of a server stands for all of its processes. */
const isOf = '(process_id = ? OR process_id LIKE ?)'
const listOwnIds = (id: string): readonly string[] => [id, `${id}/%`]

/** An amount of the store; more than any limit is as good as any other such amount. */
export function toAmount(nanoUsd: bigint): number {
  return Number(nanoUsd < maxAmount ? nanoUsd : maxAmount)
}

const maxAmount = BigInt(Number.MAX_SAFE_INTEGER)
