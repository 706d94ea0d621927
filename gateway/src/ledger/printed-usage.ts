import { formatNanoUsd } from '@anthology/catalog'

import type { Reader } from '../store/database.ts'
import { readUsagePage } from './usage-page.ts'
import type { UsagePageQuery } from './usage-page.ts'
import type { UsageRow } from './usage-row.ts'

/** A page of usage in the JSON of the admin API: counts as numbers, money as exact decimal strings in USD. */
export interface PrintedUsage {
  /** An array of rows. */
  readonly data: string
  /** The sum of all pages, an object. */
  readonly total: string
  /** As in `UsagePage`. */
  readonly next: number | null
}

/**
 * Reads and prints a page of usage. A page has up to 5,000 rows with twenty figures each, so printing them where streams
 * are served would delay these by a tenth of a second.
 */
export async function printUsagePage(reader: Reader, query: UsagePageQuery): Promise<PrintedUsage> {
  const { rows, total, next } = await readUsagePage(reader, query)
  const data = rows.map((row) => ({
    group: row.group,
    names: row.names,
    others: row.others,
    ...describeSums(row),
  }))
  return { data: JSON.stringify(data), total: JSON.stringify(describeSums(total)), next }
}

function describeSums(row: UsageRow): object {
  return {
    calls: Number(row.calls),
    attempts: Number(row.attempts),
    outcomes: mapValues(row.outcomes, Number),
    quantities: mapValues(row.quantities, Number),
    costs_usd: mapValues(row.costs, formatNanoUsd),
    cost_usd: formatNanoUsd(row.costNanoUsd),
    unpriced_calls: Number(row.unpricedCalls),
    estimated_calls: Number(row.estimatedCalls),
  }
}

function mapValues<Value>(
  record: Readonly<Record<string, bigint>>,
  print: (value: bigint) => Value,
): Record<string, Value> {
  const mapped: Record<string, Value> = {}
  for (const [name, value] of Object.entries(record)) mapped[name] = print(value)
  return mapped
}
