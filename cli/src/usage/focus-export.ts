import { exportFocus, findRemovedCharges, focusColumns, formatCsvLine } from '@anthology/gateway'
import type { Database, Period } from '@anthology/gateway'

import type { Context } from '../command.ts'

/** Prints charges as CSV of FOCUS 1.2; an empty cell is null. */
export async function printFocus(
  context: Context,
  database: Database,
  options: { readonly period: Period; readonly unit: 'hour' | 'day' },
): Promise<void> {
  context.out(formatCsvLine(focusColumns))
  for await (const row of exportFocus(database, options))
    context.out(formatCsvLine(row.map((value) => value ?? '')))
  const removedMs = await findRemovedCharges(database, options.period)
  if (removedMs !== null)
    context.err(
      `Charges before ${new Date(removedMs).toISOString().slice(0, 10)} are missing: retention has removed these calls.`,
    )
}
