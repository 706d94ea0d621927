import { callColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import { GatewayError } from '../../errors.ts'
import type { Queries, SqlRow } from '../database.ts'
import type { LedgerSink } from '../sink.ts'
import { createSums, findDifferences } from './column-sums.ts'
import type { Difference, TableSums } from './column-sums.ts'
import { listCopiedTables } from './copied-tables.ts'
import type { CopiedTable } from './copied-tables.ts'
import type { RowWriter } from './row-writer.ts'
import { countRows, readPages } from './snapshot.ts'

/** A store that rows are written to. */
export interface CopyTarget {
  readonly queries: Queries
  readonly sink: LedgerSink
  readonly rows: RowWriter
}

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

/** Copies all tables into a store without keys and calls, and returns the sums of what it has read. */
export async function copyStore(
  source: Queries,
  target: CopyTarget,
  onProgress: OnProgress = () => {},
): Promise<readonly TableSums[]> {
  for (const table of ['calls', 'keys', 'resources'])
    if ((await countRows(target.queries, table)) > 0)
      throw new GatewayError('store_not_empty', `the target has rows in its table ${table} already`)
  return writeTables(source, target, { isMerge: false, onProgress })
}

/** Adds the rows of a backup that the store does not have, and changes and removes none. The server may run. */
export async function mergeStore(
  source: Queries,
  target: CopyTarget,
  onProgress: OnProgress = () => {},
): Promise<void> {
  await writeTables(source, target, { isMerge: true, onProgress })
}

async function writeTables(
  source: Queries,
  target: CopyTarget,
  { isMerge, onProgress }: { readonly isMerge: boolean; readonly onProgress: OnProgress },
): Promise<readonly TableSums[]> {
  const tables = listCopiedTables()
  if (!isMerge) for (const table of tables.toReversed()) await target.rows.empty(table)
  const all: TableSums[] = []
  // The calls first: storing them also fills the tables that follow from them, which are then replaced.
  for (const table of tables.toSorted(
    (one, other) => Number(other.name === 'calls') - Number(one.name === 'calls'),
  )) {
    if (isMerge && derivedTables.has(table.name)) continue
    if (!isMerge && derivedTables.has(table.name)) await target.rows.empty(table)
    const sums = createSums(table)
    const totalRows = await countRows(source, table.name)
    let rows = 0
    for await (const page of readPages(source, table)) {
      sums.add(page)
      await writePage(target, table, page)
      rows += page.length
      onProgress({ table: table.name, rows, totalRows })
    }
    all.push(sums.finish())
  }
  await target.rows.finish(tables)
  return all
}

async function writePage(target: CopyTarget, table: CopiedTable, page: readonly SqlRow[]): Promise<void> {
  if (table.name !== 'calls') return target.rows.insert(table, page)
  const calls = page.map((row) => callColumns.map((name) => toColumnValue(row[name] ?? null)))
  await target.sink.ingest({ calls, opened: [], closed: [], changes: [], rejections: [], positions: [] })
}

/** As in the journal: an integer above 2^53 is text. */
function toColumnValue(value: string | number | bigint | null): ColumnValue {
  if (typeof value !== 'bigint') return value
  return value > maxSafe || value < -maxSafe ? value.toString() : Number(value)
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** Tables that the ledger's sink fills from the calls. */
const derivedTables: ReadonlySet<string> = new Set(['rollups', 'rollup_groups', 'rollup_progress'])
