import { randomText } from '../http/request-id.ts'
import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Database, Queries, SqlRow } from '../store/database.ts'
import { explainedKinds } from './compare.ts'
import type { Reconciliation, ReconciledFile } from './reconcile.ts'

/** A stored run of a reconciliation. */
export interface ReconciliationRun {
  readonly id: string
  readonly ranAtMs: number
  /** Sorted by name. */
  readonly upstreams: readonly string[]
  readonly files: readonly ReconciledFile[]
  /** UTC days, `2026-11-22`; null: no day was compared. `lastDay` is the watermark of the run. */
  readonly firstDay: string | null
  readonly lastDay: string | null
  readonly openDays: readonly string[]
  readonly compared: number
  readonly providerNanoUsd: bigint
  readonly noUsageNanoUsd: bigint
  readonly ledgerNanoUsd: bigint
  readonly differences: number
  /** The part of the differences that needs attention. */
  readonly unexplained: number
}

/** Describes a run that is not stored yet. */
export function describeRun(
  result: Reconciliation,
  upstreams: ReadonlySet<string>,
  nowMs: number,
): ReconciliationRun {
  const unexplained = result.differences.filter(({ kind }) => !explainedKinds.has(kind)).length
  return {
    id: `reconciliation_${randomText(20)}`,
    ranAtMs: nowMs,
    upstreams: [...upstreams].toSorted(),
    files: result.files,
    firstDay: result.firstDay,
    lastDay: result.lastDay,
    openDays: result.openDays,
    compared: result.cells,
    providerNanoUsd: result.providerNanoUsd,
    noUsageNanoUsd: result.noUsageNanoUsd,
    ledgerNanoUsd: result.ledgerNanoUsd,
    differences: result.differences.length,
    unexplained,
  }
}

/** Stores a run with its files. */
export async function insertRun(database: Database, run: ReconciliationRun): Promise<void> {
  await database.transaction(async (queries) => {
    await queries.query(
      `INSERT INTO reconciliations (id, ran_at_ms, upstreams, first_day, last_day, open_days, compared,
         provider_nano_usd, no_usage_nano_usd, ledger_nano_usd, differences, unexplained)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        run.id,
        run.ranAtMs,
        JSON.stringify(run.upstreams),
        run.firstDay,
        run.lastDay,
        JSON.stringify(run.openDays),
        run.compared,
        run.providerNanoUsd,
        run.noUsageNanoUsd,
        run.ledgerNanoUsd,
        run.differences,
        run.unexplained,
      ],
    )
    for (const { sha256, name, format, watermark } of run.files)
      await queries.query(
        `INSERT INTO reconciled_files (reconciliation_id, sha256, name, format, provider_watermark)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (reconciliation_id, sha256) DO NOTHING`,
        [run.id, sha256, name, format, watermark],
      )
  })
}

/** The place of a run in the list: the latest comes first. */
export interface RunPlace {
  readonly ranAtMs: number
  readonly id: string
}

/** Lists the runs after a place, latest first. */
export async function listRuns(
  queries: Queries,
  { after, limit }: { readonly after: RunPlace | null; readonly limit: number },
): Promise<readonly ReconciliationRun[]> {
  const place = after === null ? [] : [after.ranAtMs, after.ranAtMs, after.id]
  const rows = await queries.query(
    `SELECT * FROM reconciliations${after === null ? '' : ' WHERE ran_at_ms < ? OR (ran_at_ms = ? AND id < ?)'}
     ORDER BY ran_at_ms DESC, id DESC LIMIT ?`,
    [...place, limit],
  )
  return readRuns(queries, rows)
}

/** Finds the latest earlier run of each file for the same upstreams, by the hash of the file. */
export async function findEarlierRuns(
  queries: Queries,
  { files, upstreams }: Pick<ReconciliationRun, 'files' | 'upstreams'>,
): Promise<ReadonlyMap<string, ReconciliationRun>> {
  const found = new Map<string, ReconciliationRun>()
  for (const { sha256 } of files) {
    const rows = await queries.query(
      `SELECT reconciliations.* FROM reconciliations JOIN reconciled_files ON reconciliation_id = id
       WHERE sha256 = ? AND upstreams = ? ORDER BY ran_at_ms DESC, id DESC LIMIT 1`,
      [sha256, JSON.stringify(upstreams)],
    )
    const [run] = await readRuns(queries, rows)
    if (run !== undefined) found.set(sha256, run)
  }
  return found
}

async function readRuns(queries: Queries, rows: readonly SqlRow[]): Promise<readonly ReconciliationRun[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => readText(row, 'id'))
  const files = await queries.query(
    `SELECT * FROM reconciled_files WHERE reconciliation_id IN (${ids.map(() => '?').join(', ')}) ORDER BY name, sha256`,
    ids,
  )
  const byRun = Map.groupBy(files, (row) => readText(row, 'reconciliation_id'))
  return rows.map((row) => ({
    id: readText(row, 'id'),
    ranAtMs: readNumber(row, 'ran_at_ms'),
    upstreams: readList(row, 'upstreams'),
    files: (byRun.get(readText(row, 'id')) ?? []).map(readFile),
    firstDay: readNullable(row, 'first_day', readText),
    lastDay: readNullable(row, 'last_day', readText),
    openDays: readList(row, 'open_days'),
    compared: readNumber(row, 'compared'),
    providerNanoUsd: readInteger(row, 'provider_nano_usd'),
    noUsageNanoUsd: readInteger(row, 'no_usage_nano_usd'),
    ledgerNanoUsd: readInteger(row, 'ledger_nano_usd'),
    differences: readNumber(row, 'differences'),
    unexplained: readNumber(row, 'unexplained'),
  }))
}

function readFile(row: SqlRow): ReconciledFile {
  return {
    sha256: readText(row, 'sha256'),
    name: readText(row, 'name'),
    format: readText(row, 'format'),
    watermark: readNullable(row, 'provider_watermark', readText),
  }
}

function readList(row: SqlRow, column: string): readonly string[] {
  return JSON.parse(readText(row, column)) as string[] // Written by `insertRun`.
}
