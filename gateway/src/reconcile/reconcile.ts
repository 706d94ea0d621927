import type { Queries } from '../store/database.ts'
import { Comparison } from './compare.ts'
import type { ComparisonResult } from './compare.ts'
import { readBill } from './read-bill.ts'
import { readLedgerSums } from './read-ledger.ts'

export interface ReconcileRequest {
  readonly files: readonly string[]
  /** The upstreams of the account that the files are about. */
  readonly upstreams: ReadonlySet<string>
  /** Limits the compared days; null: those of the files. */
  readonly firstDay: string | null
  readonly lastDay: string | null
  readonly nowMs: number
}

export interface Reconciliation extends ComparisonResult {
  readonly formats: readonly string[]
  readonly firstDay: string | null
  readonly lastDay: string | null
  /** Days of the files that are too recent: providers still revise them. */
  readonly openDays: readonly string[]
}

/** A day is complete two days later, unless the provider's watermark is later. */
const settledMs = 2 * 86_400_000

/** Compares reports and bills of one account with the ledger, by UTC day, model and component. */
export async function reconcile(queries: Queries, request: ReconcileRequest): Promise<Reconciliation> {
  const comparison = new Comparison()
  const open = new Set<string>()
  const formats: string[] = []
  const settledDay = new Date(request.nowMs - settledMs).toISOString().slice(0, 10)
  const lastDay = request.lastDay ?? settledDay
  for (const file of request.files) {
    const { format } = await readBill(file, (row) => {
      if (row.day > lastDay && request.lastDay === null) open.add(row.day)
      const isBefore = request.firstDay !== null && row.day !== '' && row.day < request.firstDay
      if (row.day <= lastDay && !isBefore) comparison.add(row)
    })
    formats.push(format)
  }
  const first = request.firstDay ?? comparison.days[0] ?? null
  const last = request.lastDay ?? comparison.days.at(-1) ?? null
  const ledger =
    first === null || last === null
      ? []
      : await readLedgerSums(queries, request.upstreams, { firstDay: first, lastDay: last })
  return {
    ...comparison.finish(ledger),
    formats,
    firstDay: first,
    lastDay: last,
    openDays: [...open].toSorted(),
  }
}
