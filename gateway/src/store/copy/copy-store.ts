import { defaultWorkspaceId } from '../../auth/key-record.ts'
import { GatewayError } from '../../errors.ts'
import type { Queries, SqlRow } from '../database.ts'
import { encodeCalls } from './call-values.ts'
import { createSums, findDifferences } from './column-sums.ts'
import type { Difference, TableSums } from './column-sums.ts'
import { listCopiedTables } from './copied-tables.ts'
import type { CopiedTable } from './copied-tables.ts'
import { mergeCalls, mergeCorrections, planMerge, reopenRemovedMonths } from './merge-ledger.ts'
import type { CopyTarget } from './row-writer.ts'
import { countRows, readPages } from './snapshot.ts'

export interface CopyProgress {
  readonly table: string
  readonly rows: number
  readonly totalRows: number
}

export type OnProgress = (progress: CopyProgress) => void

/** Computes the sums of all tables of a store. */
export async function sumStore(
  queries: Queries,
  onProgress: OnProgress = () => {},
): Promise<readonly TableSums[]> {
  const all: TableSums[] = []
  for (const table of listCopiedTables()) {
    const sums = createSums(table)
    const totalRows = await countRows(queries, table.name)
    let rows = 0
    for await (const page of readPages(queries, table)) {
      sums.add(page)
      rows += page.length
      onProgress({ table: table.name, rows, totalRows })
    }
    all.push(sums.finish())
  }
  return all
}

export function compareSums(one: readonly TableSums[], other: readonly TableSums[]): readonly Difference[] {
  const others = new Map(other.map((sums) => [sums.table, sums]))
  return one.flatMap((sums) => {
    const found = others.get(sums.table)
    return found === undefined ? [{ table: sums.table, column: null }] : findDifferences(sums, found)
  })
}

/**
 * Copies all tables into an empty store that nobody uses, and returns the sums of what it has read. The store stays marked
 * as unfinished; the caller takes the mark away.
 */
export async function copyStore(
  source: Queries,
  target: CopyTarget,
  onProgress: OnProgress = () => {},
): Promise<readonly TableSums[]> {
  const used = await findUsedTable(target.queries)
  if (used !== null)
    throw new GatewayError('store_not_empty', `the target has rows in its table ${used} already`)
  await target.markUnfinished(true)
  const tables = listCopiedTables()
  for (const table of tables.toReversed()) await target.rows.empty(table)
  const all: TableSums[] = []
  // The calls first: storing them also fills the tables that follow from them, which are then replaced.
  for (const table of sortCallsFirst(tables)) {
    if (derivedTables.has(table.name)) await target.rows.empty(table)
    const sums = createSums(table)
    const count = await createCounter(source, table, onProgress)
    for await (const page of readPages(source, table)) {
      sums.add(page)
      await writePage(target, table, page)
      count(page.length)
    }
    all.push(sums.finish())
  }
  await target.rows.finish(tables)
  return all
}

/** The name of a table with rows that a new store does not have; null: the store is empty. */
export async function findUsedTable(queries: Queries): Promise<string | null> {
  for (const { name } of listCopiedTables()) {
    if (tablesOfStart.has(name)) continue
    const others = name === 'workspaces' ? `WHERE id <> '${defaultWorkspaceId}'` : ''
    const rows = await queries.query(`SELECT 1 AS used FROM ${name} ${others} LIMIT 1`)
    if (rows.length > 0) return name
  }
  return null
}

/** A server that was started once has rows in these: nobody misses them. */
const tablesOfStart: ReadonlySet<string> = new Set([
  'rollup_progress',
  'console_links',
  'console_sessions',
  'console_oidc_logins',
])

/**
 * Adds the rows of a backup that the store does not have, and changes and removes none. The server may run. Returns the
 * number of hours whose sums of removed calls could not be added (`planMerge`).
 */
export async function mergeStore(
  source: Queries,
  target: CopyTarget,
  onProgress: OnProgress = () => {},
): Promise<{ readonly incompleteHours: number }> {
  const tables = listCopiedTables()
  await reopenRemovedMonths(source, target.queries)
  const plan = await planMerge(source, target.queries)
  for (const table of tables) {
    if (derivedTables.has(table.name) || passingTables.has(table.name) || ledgerTables.has(table.name))
      continue
    const onRows = await createCounter(source, table, onProgress)
    for await (const page of readPages(source, table)) {
      await target.rows.insert(table, page)
      onRows(page.length)
    }
  }
  for (const table of tables.filter(({ name }) => ledgerTables.has(name)).toReversed()) {
    const onRows = await createCounter(source, table, onProgress)
    const merge = { source, target, table, onRows }
    await (table.name === 'calls' ? mergeCalls(merge, plan) : mergeCorrections(merge, plan))
  }
  await target.rows.finish(tables)
  return { incompleteHours: plan.incompleteHours }
}

async function createCounter(
  source: Queries,
  { name }: CopiedTable,
  onProgress: OnProgress,
): Promise<(rows: number) => void> {
  const totalRows = await countRows(source, name)
  let counted = 0
  return (rows) => {
    counted += rows
    onProgress({ table: name, rows: counted, totalRows })
  }
}

function sortCallsFirst(tables: readonly CopiedTable[]): readonly CopiedTable[] {
  return tables.toSorted((one, other) => Number(other.name === 'calls') - Number(one.name === 'calls'))
}

async function writePage(target: CopyTarget, table: CopiedTable, page: readonly SqlRow[]): Promise<void> {
  if (table.name !== 'calls') return target.rows.insert(table, page)
  await target.sink.ingest({
    calls: encodeCalls(page),
    opened: [],
    closed: [],
    changes: [],
    rejections: [],
    positions: [],
  })
}

/** Tables that the ledger's sink fills from the calls. */
const derivedTables: ReadonlySet<string> = new Set(['rollups', 'rollup_groups', 'rollup_progress'])

/** Tables whose rows are in the sums, too. */
const ledgerTables: ReadonlySet<string> = new Set(['calls', 'corrections'])

/** A row that is gone from these has had its effect: a session that was ended, a share that was returned, a webhook that was sent. */
const passingTables: ReadonlySet<string> = new Set([
  'console_links',
  'console_sessions',
  'console_oidc_logins',
  'idempotency_keys',
  'budget_leases',
  'budget_windows',
  'webhook_events',
  'webhook_deliveries',
])
