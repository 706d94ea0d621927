import { divideHalfEven } from '@anthology/catalog'

import type { Queries } from '../store/database.ts'
import { findStart } from './calendar.ts'
import { components } from './call-row.ts'
import type { Component } from './call-row.ts'
import { findValidTerms } from './invoice-terms.ts'
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
  /** The zone of the month's first and last day; default UTC. */
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
  const { adjustmentPpm = 0n } = (await findValidTerms(queries, workspaceId, month)) ?? {}
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
