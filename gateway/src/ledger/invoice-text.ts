import { formatNanoUsd } from '@anthology/catalog'

import { formatCsvLine } from './csv.ts'
import type { Invoice } from './invoice.ts'
import { formatPercent } from './invoice-terms.ts'

/** An invoice as the admin API and the CLI print it: amounts are decimal texts, exact to the nano-dollar. */
export function describeInvoice(invoice: Invoice): object {
  return {
    workspace_id: invoice.workspaceId,
    month: invoice.month,
    time_zone: invoice.timeZone,
    currency: 'USD',
    lines: invoice.lines.map(({ model, component, quantity, costNanoUsd }) => ({
      model,
      component,
      quantity: Number(quantity),
      cost_usd: formatNanoUsd(costNanoUsd),
    })),
    subtotal_usd: formatNanoUsd(invoice.subtotalNanoUsd),
    adjustment_percent: formatPercent(invoice.adjustmentPpm),
    adjustment_usd: formatNanoUsd(invoice.adjustmentNanoUsd),
    total_usd: formatNanoUsd(invoice.totalNanoUsd),
    due_usd: formatCents(invoice.dueCents),
    unpriced_calls: Number(invoice.unpricedCalls),
  }
}

/** The lines of an invoice as CSV, without line ends. A markup or discount is the last one. */
export function listInvoiceCsv(invoice: Invoice): readonly string[] {
  const own = [invoice.workspaceId, invoice.month]
  const lines = invoice.lines.map(({ model, component, quantity, costNanoUsd }) => [
    ...own,
    model,
    component,
    String(quantity),
    formatNanoUsd(costNanoUsd),
  ])
  const { adjustmentPpm, adjustmentNanoUsd } = invoice
  const adjustment = [...own, '', `${formatPercent(adjustmentPpm)} %`, '', formatNanoUsd(adjustmentNanoUsd)]
  return [
    ['workspace_id', 'month', 'model', 'component', 'quantity', 'cost_usd'],
    ...lines,
    ...(adjustmentPpm === 0n ? [] : [adjustment]),
  ].map(formatCsvLine)
}

export function formatCents(cents: bigint): string {
  return formatNanoUsd(cents * 10_000_000n)
}
