import { divideHalfEven } from '@anthology/catalog'

import type { Change } from '../organization/change.ts'
import { readInteger, readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { findStart } from './calendar.ts'
import { components } from './call-row.ts'
import type { Component } from './call-row.ts'
import { readUsage } from './usage-report.ts'

export interface InvoiceLine {
  readonly model: string
  readonly component: Component
  /** Tokens, or requests of web search. */
  readonly quantity: bigint
  /** The sum of the ledger's lines, which were rounded once when their calls ended. */
  readonly costNanoUsd: bigint
}

export interface Invoice {
  readonly workspaceId: string
  /** `2026-11`. */
  readonly month: string
  readonly timeZone: string
  readonly lines: readonly InvoiceLine[]
  /** The sum of the lines, equal to that of the ledger. */
  readonly subtotalNanoUsd: bigint
  /** A markup (positive) or discount (negative) in parts per million of the subtotal. */
  readonly adjustmentPpm: bigint
  /** Rounded once, half to even. */
  readonly adjustmentNanoUsd: bigint
  readonly totalNanoUsd: bigint
  /** The total in cents, rounded once, half to even. */
  readonly dueCents: bigint
  /** Calls without a known price, which are in no line. */
  readonly unpricedCalls: bigint
}

export interface InvoiceRequest {
  readonly workspaceId: string
  /** `2026-11`. */
  readonly month: string
  /** Of the month's first and last day; default UTC. */
  readonly timeZone?: string
}

/** Makes the invoice of a workspace and month from the ledger, corrections included. */
export async function createInvoice(queries: Queries, request: InvoiceRequest): Promise<Invoice> {
  const { workspaceId, month, timeZone = 'UTC' } = request
  const period = {
    sinceMs: findStart(`${month}-01`, timeZone),
    untilMs: findStart(`${findNextMonth(month)}-01`, timeZone),
  }
  const usage = await readUsage(queries, {
    by: ['model'],
    period,
    timeZone,
    filter: { workspace: workspaceId },
  })
  const lines = usage.flatMap(({ group, quantities, costs }) =>
    components
      .map((component) => ({
        model: group[0] ?? '',
        component,
        quantity: quantities[component],
        costNanoUsd: costs[component],
      }))
      .filter(({ quantity, costNanoUsd }) => quantity !== 0n || costNanoUsd !== 0n),
  )
  const subtotalNanoUsd = lines.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)
  const adjustmentPpm = await readAdjustment(queries, workspaceId, month)
  const adjustmentNanoUsd = divideHalfEven(subtotalNanoUsd * adjustmentPpm, 1_000_000n)
  const totalNanoUsd = subtotalNanoUsd + adjustmentNanoUsd
  return {
    workspaceId,
    month,
    timeZone,
    lines: lines.toSorted((one, other) => compareText(one.model, other.model)),
    subtotalNanoUsd,
    adjustmentPpm,
    adjustmentNanoUsd,
    totalNanoUsd,
    dueCents: divideHalfEven(totalNanoUsd, 10_000_000n),
    unpricedCalls: usage.reduce((sum, row) => sum + row.unpricedCalls, 0n),
  }
}

function findNextMonth(month: string): string {
  const next = new Date(`${month}-01T00:00:00Z`)
  next.setUTCMonth(next.getUTCMonth() + 1)
  return next.toISOString().slice(0, 7)
}

function compareText(one: string, other: string): number {
  return Number(one > other) - Number(one < other)
}

/** The terms that are valid in a month: those of the latest earlier month that has any. */
async function readAdjustment(queries: Queries, workspaceId: string, month: string): Promise<bigint> {
  const [row] = await queries.query(
    `SELECT adjustment_ppm FROM invoice_terms WHERE workspace_id = ? AND from_month <= ?
     ORDER BY from_month DESC LIMIT 1`,
    [workspaceId, month],
  )
  return row === undefined ? 0n : readInteger(row, 'adjustment_ppm')
}

export interface InvoiceTerms {
  readonly workspaceId: string
  readonly fromMonth: string
  readonly adjustmentPpm: bigint
}

/** Sets the markup or discount of a workspace from a month on, inside the transaction of its change. */
export async function setInvoiceTerms(
  queries: Queries,
  terms: InvoiceTerms,
  nowMs: number,
): Promise<Change<InvoiceTerms>> {
  const { workspaceId, fromMonth } = terms
  const known = (await listInvoiceTerms(queries)).find(
    (one) => one.workspaceId === workspaceId && one.fromMonth === fromMonth,
  )
  await queries.query(
    `INSERT INTO invoice_terms (workspace_id, from_month, adjustment_ppm, changed_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (workspace_id, from_month)
     DO UPDATE SET adjustment_ppm = excluded.adjustment_ppm, changed_at_ms = excluded.changed_at_ms`,
    [workspaceId, fromMonth, terms.adjustmentPpm, nowMs],
  )
  return {
    kind: 'invoice_terms',
    id: `${workspaceId} ${fromMonth}`,
    workspaceId,
    before: known === undefined ? null : printTerms(known),
    after: printTerms(terms),
    result: terms,
  }
}

function printTerms({ workspaceId, fromMonth, adjustmentPpm }: InvoiceTerms): object {
  return { workspace_id: workspaceId, from_month: fromMonth, adjustment_ppm: Number(adjustmentPpm) }
}

export async function listInvoiceTerms(queries: Queries): Promise<readonly InvoiceTerms[]> {
  const rows = await queries.query(
    'SELECT workspace_id, from_month, adjustment_ppm FROM invoice_terms ORDER BY workspace_id, from_month',
  )
  return rows.map((row) => ({
    workspaceId: readText(row, 'workspace_id'),
    fromMonth: readText(row, 'from_month'),
    adjustmentPpm: readInteger(row, 'adjustment_ppm'),
  }))
}
