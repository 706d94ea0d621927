import { isDeepStrictEqual } from 'node:util'

import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import { getMeasure } from '../ledger/rollup.ts'
import type { RollupDimension } from '../ledger/rollup.ts'
import { findWholeHours } from '../ledger/rollup-periods.ts'
import type { TimeRange } from '../ledger/rollup-periods.ts'
import type { GroupSums } from '../ledger/rollup-rows.ts'
import { createSumReader } from '../ledger/rollup-sums.ts'
import { readHoldingHours } from '../ledger/holding-hours.ts'
import { readRunningCalls } from '../ledger/running-calls.ts'
import { readBatches } from './batch-spend.ts'
import { findRolling } from './budget.ts'
import type { Budget } from './budget.ts'
import type { Scope } from './scope.ts'
import {
  createOwnerFilter,
  createProcessFilter,
  createReleasedHold,
  findWanted,
  hasLabel,
  held,
  reported,
  spent,
  toAmount,
} from './spend-query.ts'
import type { SpendRange, SpendSource, Wanted } from './spend-query.ts'

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
  const readUnsettled = () => readBatches(queries, budget, { ...range, isUnsettled: true }, source)
  let [batches, slots] = [await readUnsettled(), await readCalls(queries, budget, range, source)]
  for (let retries = 0; retries < maxRetries && batches.length > 0; retries += 1) {
    const later = await readUnsettled()
    if (isDeepStrictEqual(later, batches)) break
    // The calls may have results of a batch that counts with its hold here. If that goes on, such a batch counts twice
    // until the next read, rather than never.
    batches = later
    slots = await readCalls(queries, budget, range, source)
  }
  // A batch counts with its hold until all of its results are in the ledger, and some may be.
  for (const { slot, holdNanoUsd, rowsNanoUsd } of batches)
    slots.set(slot, (slots.get(slot) ?? 0) + Math.max(0, holdNanoUsd - rowsNanoUsd))
  return slots
}

const maxRetries = 2

/** Sums the corrections of calls that processes have reported: each with the hold of a call that had no price. */
export async function readCorrections(
  queries: Queries,
  budget: Budget,
  period: Pick<SpendRange, 'sinceMs' | 'untilMs'>,
  source: SpendSource,
): Promise<ReadonlyMap<number, number>> {
  const slots: Slots = new Map()
  if (period.untilMs <= period.sinceMs) return slots
  const wanted = await findWanted(queries, budget, source)
  if (wanted !== null)
    await addCorrections(queries, wanted, { ...period, processes: 'all' }, { slots, reportedBy: 'all' })
  return slots
}

/**
 * Sums the calls of a budget, as `readSpend`; those of one process as it has reported them: without corrections and the
 * results of its batches.
 */
export async function readCalls(
  queries: Queries,
  budget: Budget,
  range: SpendRange,
  source: SpendSource,
): Promise<Slots> {
  const slots: Slots = new Map()
  if (range.untilMs <= range.sinceMs) return slots
  const wanted = await findWanted(queries, budget, source)
  if (wanted === null) return slots
  const hours = findHours(budget, range)
  if (hours === null) await addRows(queries, wanted, range, slots)
  else {
    const { sinceMs, untilMs } = range
    await addRows(queries, wanted, { sinceMs, untilMs: hours.startMs, processes: 'all' }, slots)
    await addHours(queries, wanted, hours, slots)
    await addRows(queries, wanted, { sinceMs: hours.endMs, untilMs, processes: 'all' }, slots)
  }
  return slots
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
  const isOfOne = typeof range.processes === 'object' && 'only' in range.processes
  const condition = isOfOne ? " AND protocol <> 'batches'" : ''
  const amount = isOfOne ? reported : spent
  await addQuery(queries, wanted, range, { slots, amount, table: 'all_calls', condition })
  if (isOfOne) return
  const reportedBy = typeof range.processes === 'object' ? range.processes.except : []
  await addCorrections(queries, wanted, { ...range, processes: 'all' }, { slots, reportedBy })
}

interface CorrectionQuery {
  readonly slots: Slots
  /** The processes whose calls count as they have reported them, with the hold of a call that had no price. */
  readonly reportedBy: 'all' | readonly string[]
}

async function addCorrections(
  queries: Queries,
  wanted: Wanted,
  range: SpendRange,
  { slots, reportedBy }: CorrectionQuery,
): Promise<void> {
  const { sql, values } = createReleasedHold(reportedBy)
  const amount = `${corrected}${sql}`
  await addQuery(queries, wanted, range, {
    slots,
    amount,
    values,
    table: 'corrections',
    condition: '',
  })
}

interface SpendQuery {
  readonly slots: Slots
  /** The amount of a row. */
  readonly amount: string
  /** The values of its placeholders. */
  readonly values?: readonly SqlValue[]
  readonly table: string
  readonly condition: string
}

async function addQuery(
  queries: Queries,
  { budget, scope, filter }: Wanted,
  { sinceMs, untilMs, processes }: SpendRange,
  { slots, amount, values = [], table, condition }: SpendQuery,
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
    [...values, sinceMs, untilMs, ...byOwner.values, ...(budget.models ?? []), ...byProcess.values],
  )
  addSums(slots, scope, rows)
}

function addSums(slots: Slots, scope: Scope, rows: readonly SqlRow[]): void {
  for (const row of rows) {
    if (scope.kind === 'label' && !hasLabel(readNullable(row, 'labels', readText), scope)) continue
    addAmount(slots, readNumber(row, 'slot'), readNullable(row, 'nano_usd', readInteger) ?? 0n)
  }
}

function addAmount(slots: Slots, slot: number, amount: bigint): void {
  slots.set(slot, (slots.get(slot) ?? 0) + toAmount(amount))
}

/** The correction of an absurd cost takes away no more than was counted. */
const corrected = `CASE WHEN cost_nano_usd < -${Number.MAX_SAFE_INTEGER} THEN -${Number.MAX_SAFE_INTEGER} ELSE cost_nano_usd END`
