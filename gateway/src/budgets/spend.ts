import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import type { OwnerNames } from '../ledger/owner-names.ts'
import { getMeasure } from '../ledger/rollup.ts'
import type { RollupDimension } from '../ledger/rollup.ts'
import { findWholeHours } from '../ledger/rollup-periods.ts'
import type { TimeRange } from '../ledger/rollup-periods.ts'
import type { GroupSums } from '../ledger/rollup-rows.ts'
import { createSumReader } from '../ledger/rollup-sums.ts'
import { readHoldingHours } from '../ledger/holding-hours.ts'
import { readRunningCalls } from '../ledger/running-calls.ts'
import type { Budget } from './budget.ts'
import { parseScope } from './scope.ts'
import type { Scope } from './scope.ts'
import { rollingWindows } from './window.ts'
import type { RollingWindow } from './window.ts'

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

/** Amounts in nano-dollars by slot of a rolling window; a calendar window has slot 0 only. */
type Slots = Map<number, number>

/**
 * Sums what the ledger and the unsettled batches hold for a budget, by slot of its rolling window; a calendar window
 * has slot 0 only. A call that never ended counts with its hold until it is reconciled, a running one as well. Whole
 * hours come from the rollups, so that a window of many calls is not read call by call.
 */
export async function readSpend(
  queries: Queries,
  budget: Budget,
  range: SpendRange,
  source: SpendSource,
): Promise<ReadonlyMap<number, number>> {
  const slots: Slots = new Map()
  const scope = parseScope(budget.scope)
  if (scope === null || range.untilMs <= range.sinceMs) return slots
  const wanted = { budget, scope, filter: await createScopeFilter(queries, scope, source) }
  const hours = findHours(budget, range)
  if (hours === null) await addRows(queries, wanted, range, slots)
  else {
    const { sinceMs, untilMs } = range
    await addRows(queries, wanted, { sinceMs, untilMs: hours.startMs, processes: 'all' }, slots)
    await addHours(queries, wanted, hours, slots)
    await addRows(queries, wanted, { sinceMs: hours.endMs, untilMs, processes: 'all' }, slots)
  }
  // Batches belong to no process, because they outlive all of them.
  if (range.processes === 'all') await addBatches(queries, wanted, range, slots)
  return slots
}

/** The calls that a budget counts. */
interface Wanted {
  readonly budget: Budget
  readonly scope: Scope
  readonly filter: Filter
}

/** The hours whose sums are those of the budget; null: it needs single calls, because of their processes or its small slots. */
function findHours(budget: Budget, { sinceMs, untilMs, processes }: SpendRange): TimeRange | null {
  const rolling = findRolling(budget)
  if (processes !== 'all' || (rolling !== null && rolling.slotMs < hourMs)) return null
  return findWholeHours({ startMs: sinceMs, endMs: untilMs })
}

const hourMs = 3_600_000

/** Adds ended calls and corrections of whole hours, then the calls without a cost, which the rollups do not have. */
async function addHours(queries: Queries, wanted: Wanted, hours: TimeRange, slots: Slots): Promise<void> {
  const { budget, filter } = wanted
  const rolling = findRolling(budget)
  // First, so that a call that ends meanwhile counts twice rather than never.
  const running = await readRunningCalls(queries, { sinceMs: hours.startMs, untilMs: hours.endMs }, {})
  for (const { startedAtMs, dimensions: values, heldNanoUsd } of running)
    if (matchesFilter(values, wanted))
      addAmount(slots, rolling === null ? 0 : Math.floor(startedAtMs / rolling.slotMs), heldNanoUsd)
  const dimensions = new Set<RollupDimension>(filter.column === null ? [] : [filter.column])
  if (budget.models !== null) dimensions.add('model')
  const reader = await createSumReader(queries, {
    dimensions,
    matches: (values) => matchesFilter(values, wanted),
  })
  if (rolling === null)
    for (const { measures } of await reader.sum(hours))
      addAmount(slots, 0, getMeasure(measures, 'cost_nano_usd'))
  else
    for (const [startMs, cost] of await reader.sumCostByHour(hours))
      addAmount(slots, startMs / rolling.slotMs, cost)
  for (const { startMs, endMs } of await readHoldingHours(queries, hours))
    await addQuery(
      queries,
      wanted,
      { sinceMs: startMs, untilMs: endMs, processes: 'all' },
      {
        slots,
        amount: held,
        table: 'calls',
        condition: ' AND cost_nano_usd IS NULL',
      },
    )
}

function matchesFilter(values: GroupSums['dimensions'], { budget, scope, filter }: Wanted): boolean {
  if (budget.models !== null && !budget.models.includes(values.model)) return false
  if (scope.kind === 'label') return hasLabel(values.labels, scope)
  return filter.column === null || filter.values.includes(values[filter.column])
}

/** Adds single calls and the corrections of their prices. */
async function addRows(queries: Queries, wanted: Wanted, range: SpendRange, slots: Slots): Promise<void> {
  if (range.untilMs <= range.sinceMs) return
  await addQuery(queries, wanted, range, { slots, amount: spent, table: 'all_calls', condition: '' })
  // Those of one process have none yet, and they do not name it.
  if (typeof range.processes === 'object' && 'only' in range.processes) return
  await addQuery(
    queries,
    wanted,
    { ...range, processes: 'all' },
    {
      slots,
      amount: corrected,
      table: 'corrections',
      condition: '',
    },
  )
}

interface SpendQuery {
  readonly slots: Slots
  /** The amount of a row. */
  readonly amount: string
  readonly table: string
  readonly condition: string
}

async function addQuery(
  queries: Queries,
  { budget, scope, filter }: Wanted,
  { sinceMs, untilMs, processes }: SpendRange,
  { slots, amount, table, condition }: SpendQuery,
): Promise<void> {
  const rolling = findRolling(budget)
  const slot = rolling === null ? '0' : `started_at_ms / ${rolling.slotMs}`
  const byModel = budget.models === null ? '' : ` AND model IN (${budget.models.map(() => '?').join(', ')})`
  const byProcess = createProcessFilter(processes)
  const byOwner = createOwnerFilter(filter)
  const rows = await queries.query(
    `SELECT ${slot} AS slot, ${scope.kind === 'label' ? 'labels' : 'CAST(NULL AS TEXT) AS labels'},
       CAST(sum(${amount}) AS BIGINT) AS nano_usd FROM ${table} AS counted
     WHERE started_at_ms >= ? AND started_at_ms < ?${byOwner.sql}${byModel}${byProcess.sql}${condition} GROUP BY 1, 2`,
    [sinceMs, untilMs, ...byOwner.values, ...(budget.models ?? []), ...byProcess.values],
  )
  addSums(slots, scope, rows)
}

function createProcessFilter(processes: ProcessFilter): SqlFilter {
  if (processes === 'all') return { sql: '', values: [] }
  const isOf = '(process_id = ? OR process_id LIKE ?)'
  if ('only' in processes) return { sql: ` AND ${isOf}`, values: [processes.only, `${processes.only}/%`] }
  const others = processes.except.map(() => ` AND NOT ${isOf}`).join('')
  return {
    sql: others === '' ? '' : ` AND (process_id IS NULL OR (TRUE${others}))`,
    values: processes.except.flatMap((id) => [id, `${id}/%`]),
  }
}

function addSums(slots: Slots, scope: Scope, rows: readonly SqlRow[]): void {
  for (const row of rows) {
    if (scope.kind === 'label' && !hasLabel(readNullable(row, 'labels', readText), scope)) continue
    addAmount(slots, readNumber(row, 'slot'), readNullable(row, 'nano_usd', readInteger) ?? 0n)
  }
}

function addAmount(slots: Slots, slot: number, amount: bigint): void {
  slots.set(slot, (slots.get(slot) ?? 0) + Number(amount < maxAmount ? amount : maxAmount))
}

/**
 * The hold of a row without a cost counts: the call runs, its process died, or nobody knows its price, unless a
 * correction has given it one.
 */
const held = `CASE WHEN (outcome IS NULL OR outcome = 'unknown' OR unpriced_because IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM corrections WHERE call_id = counted.id AND unpriced < 0)
THEN coalesce(hold_nano_usd, 0) ELSE 0 END`

/** An absurd cost must not make a sum exceed 64 bits. */
const spent = `CASE WHEN cost_nano_usd IS NULL THEN ${held}
WHEN cost_nano_usd > ${Number.MAX_SAFE_INTEGER} THEN ${Number.MAX_SAFE_INTEGER} ELSE cost_nano_usd END`

/** The correction of an absurd cost takes away no more than was counted. */
const corrected = `CASE WHEN cost_nano_usd < -${Number.MAX_SAFE_INTEGER} THEN -${Number.MAX_SAFE_INTEGER} ELSE cost_nano_usd END`

const maxAmount = BigInt(Number.MAX_SAFE_INTEGER)

/** Adds the holds of batches whose results are not in the ledger yet. */
async function addBatches(
  queries: Queries,
  { budget, scope, filter }: Wanted,
  { sinceMs, untilMs }: SpendRange,
  slots: Slots,
): Promise<void> {
  const rolling = findRolling(budget)
  const slot = rolling === null ? '0' : `created_at_ms / ${rolling.slotMs}`
  const { sql, values } = createOwnerFilter(filter)
  const rows = await queries.query(
    `SELECT ${slot} AS slot, labels, models, CAST(sum(hold_nano_usd) AS BIGINT) AS nano_usd FROM resources
     WHERE kind = 'batch' AND settled_at_ms IS NULL AND created_at_ms >= ? AND created_at_ms < ?${sql}
     GROUP BY 1, 2, 3`,
    [sinceMs, untilMs, ...values],
  )
  const { models } = budget
  // Written by the resource table: an object of model ids.
  const namesOf = (row: SqlRow) =>
    Object.values(JSON.parse(readText(row, 'models')) as Record<string, string>)
  const counted =
    models === null ? rows : rows.filter((row) => namesOf(row).some((id) => models.includes(id)))
  addSums(slots, scope, counted)
}

/** The owners whose calls count. */
interface Filter {
  /** The dimension that the budget looks at; null: none. */
  readonly column: 'key_id' | 'workspace_id' | 'member_id' | 'labels' | null
  /** Its values; of labels all, which are compared one by one. */
  readonly values: readonly string[]
}

interface SqlFilter {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

function createOwnerFilter({ column, values }: Filter): SqlFilter {
  if (column === null) return { sql: '', values: [] }
  if (column === 'labels') return { sql: ' AND labels IS NOT NULL', values: [] }
  // Calls of older versions have no workspace; their keys are in the default one.
  const value = column === 'workspace_id' ? "coalesce(workspace_id, 'default')" : column
  return { sql: ` AND ${value} IN (${values.map(() => '?').join(', ')})`, values }
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

function hasLabel(labels: string | null, { name, value }: Extract<Scope, { kind: 'label' }>): boolean {
  if (labels === null || labels === '') return false
  // Written by `readLabels`: an object of strings.
  return (JSON.parse(labels) as Record<string, string>)[name] === value
}

/** Null for a calendar window. */
export function findRolling({ rolling, window }: Pick<Budget, 'rolling' | 'window'>): RollingWindow | null {
  return rolling && window !== 'total' ? rollingWindows[window] : null
}
