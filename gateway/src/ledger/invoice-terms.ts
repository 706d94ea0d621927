import { GatewayError } from '../errors.ts'
import type { Change } from '../organization/change.ts'
import { readInteger, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'

/** What a workspace pays for its usage from a month on, until other terms of it begin. */
export interface InvoiceTerms {
  readonly workspaceId: string
  /** The first month for which they are valid, such as `2026-11`. */
  readonly fromMonth: string
  /** Parts per million of the cost that come on top (a markup) or, if negative, off (a discount). */
  readonly adjustmentPpm: bigint
}

/** True for a month such as `2026-11`, of this millennium. */
export function isMonth(text: string): boolean {
  return /^2\d{3}-(?:0[1-9]|1[0-2])$/.test(text)
}

/** Reads a percentage from -100 to 9999.9999 as parts per million. Returns null for any other text. */
export function parsePercent(text: string): bigint | null {
  const {
    sign,
    whole,
    decimals = '',
  } = /^(?<sign>[+-]?)(?<whole>\d{1,4})(?:\.(?<decimals>\d{1,4}))?%?$/.exec(text)?.groups ?? {}
  if (whole === undefined) return null
  const ppm = BigInt(whole + decimals.padEnd(4, '0'))
  if (sign !== '-') return ppm
  return ppm > 1_000_000n ? null : -ppm
}

/** Parts per million as signed percent, such as `+12.5`. */
export function formatPercent(ppm: bigint): string {
  const size = (ppm < 0n ? -ppm : ppm).toString().padStart(5, '0')
  const decimals = size.slice(-4).replace(/0+$/, '')
  return `${ppm < 0n ? '-' : '+'}${size.slice(0, -4)}${decimals === '' ? '' : `.${decimals}`}`
}

/** Terms as the admin API and the CLI print them. */
export function printTerms({ workspaceId, fromMonth, adjustmentPpm }: InvoiceTerms): object {
  return {
    workspace_id: workspaceId,
    from_month: fromMonth,
    adjustment_percent: formatPercent(adjustmentPpm),
  }
}

/** Sets the terms of a workspace from a month on, in place of those that began in this month, if any. */
export async function setInvoiceTerms(
  queries: Queries,
  terms: InvoiceTerms,
  nowMs: number,
): Promise<Change<InvoiceTerms>> {
  const { workspaceId, fromMonth, adjustmentPpm } = terms
  const before = await findTerms(queries, workspaceId, fromMonth)
  await queries.query(
    `INSERT INTO invoice_terms (workspace_id, from_month, adjustment_ppm, changed_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (workspace_id, from_month)
     DO UPDATE SET adjustment_ppm = excluded.adjustment_ppm, changed_at_ms = excluded.changed_at_ms`,
    [workspaceId, fromMonth, adjustmentPpm, nowMs],
  )
  return describeChange(before, terms, terms)
}

/** Removes the terms that begin in a month: those before them are valid on. Throws a GatewayError if there are none. */
export async function removeInvoiceTerms(
  queries: Queries,
  workspaceId: string,
  fromMonth: string,
): Promise<Change<InvoiceTerms>> {
  const before = await findTerms(queries, workspaceId, fromMonth)
  if (before === null)
    throw new GatewayError(
      'not_found',
      `no invoice terms of the workspace begin in ${fromMonth.slice(0, 20)}`,
    )
  await queries.query('DELETE FROM invoice_terms WHERE workspace_id = ? AND from_month = ?', [
    workspaceId,
    fromMonth,
  ])
  return describeChange(before, null, before)
}

function describeChange(
  before: InvoiceTerms | null,
  after: InvoiceTerms | null,
  result: InvoiceTerms,
): Change<InvoiceTerms> {
  const { workspaceId, fromMonth } = result
  const print = (terms: InvoiceTerms | null) => (terms === null ? null : printTerms(terms))
  return {
    kind: 'invoice_terms',
    id: `${workspaceId} ${fromMonth}`,
    workspaceId,
    before: print(before),
    after: print(after),
    result,
  }
}

/** Lists the terms of a workspace by month, `limit` at most, after a month. */
export async function listInvoiceTerms(
  queries: Queries,
  workspaceId: string,
  { after = '', limit = 100_000 }: { readonly after?: string; readonly limit?: number } = {},
): Promise<readonly InvoiceTerms[]> {
  const rows = await queries.query(
    `SELECT ${columns} FROM invoice_terms WHERE workspace_id = ? AND from_month > ? ORDER BY from_month LIMIT ?`,
    [workspaceId, after, limit],
  )
  return rows.map(readTerms)
}

/** Finds the terms that are valid in a month: those of the latest month until then that has any. Null: the cost as it is. */
export async function findValidTerms(
  queries: Queries,
  workspaceId: string,
  month: string,
): Promise<InvoiceTerms | null> {
  const [row] = await queries.query(
    `SELECT ${columns} FROM invoice_terms WHERE workspace_id = ? AND from_month <= ?
     ORDER BY from_month DESC LIMIT 1`,
    [workspaceId, month],
  )
  return row === undefined ? null : readTerms(row)
}

async function findTerms(
  queries: Queries,
  workspaceId: string,
  fromMonth: string,
): Promise<InvoiceTerms | null> {
  const valid = await findValidTerms(queries, workspaceId, fromMonth)
  return valid?.fromMonth === fromMonth ? valid : null
}

const columns = 'workspace_id, from_month, adjustment_ppm'

function readTerms(row: SqlRow): InvoiceTerms {
  return {
    workspaceId: readText(row, 'workspace_id'),
    fromMonth: readText(row, 'from_month'),
    adjustmentPpm: readInteger(row, 'adjustment_ppm'),
  }
}
