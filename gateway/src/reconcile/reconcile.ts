import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'

import { GatewayError } from '../errors.ts'
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
  readonly files: readonly ReconciledFile[]
  readonly firstDay: string | null
  readonly lastDay: string | null
  /** Days of the files that are too recent: providers still revise them. */
  readonly openDays: readonly string[]
}

/** A file that was compared. */
export interface ReconciledFile {
  readonly sha256: string
  readonly name: string
  readonly format: string
  /** The time until which the provider calls its figures current; null: the file does not say. */
  readonly watermark: string | null
}

/** Providers revise a day for two more days, so a file has all of it if it is that much younger. */
const settledMs = 2 * 86_400_000

/** Compares reports and bills of one account with the ledger, by UTC day, model and component. */
export async function reconcile(queries: Queries, request: ReconcileRequest): Promise<Reconciliation> {
  const comparison = new Comparison()
  const open = new Set<string>()
  const files: ReconciledFile[] = []
  for (const file of request.files) {
    const sha256 = await hashFile(file)
    const same = files.find((earlier) => earlier.sha256 === sha256)
    if (same !== undefined)
      throw new GatewayError('config_invalid', `${file} has the same content as ${same.name}`, {
        hint: 'Its rows would count twice. Name each file once.',
      })
    const { format, watermark } = await readBill(file, (row, known) => {
      const lastDay = request.lastDay ?? findSettledDay(known, request.nowMs)
      if (row.day > lastDay && request.lastDay === null) open.add(row.day)
      const isBefore = request.firstDay !== null && row.day !== '' && row.day < request.firstDay
      if (row.day <= lastDay && !isBefore) comparison.add(row)
    })
    files.push({ sha256, name: basename(file), format, watermark })
  }
  const first = request.firstDay ?? comparison.days[0] ?? null
  const last = request.lastDay ?? comparison.days.at(-1) ?? null
  const ledger =
    first === null || last === null
      ? []
      : await readLedgerSums(queries, request.upstreams, { firstDay: first, lastDay: last })
  return {
    ...comparison.finish(ledger),
    files,
    firstDay: first,
    lastDay: last,
    openDays: [...open].toSorted(),
  }
}

function findSettledDay(watermark: string | null, nowMs: number): string {
  const currentMs = watermark === null ? Number.NaN : Date.parse(watermark)
  const fileMs = Number.isNaN(currentMs) ? nowMs : Math.min(nowMs, currentMs)
  return new Date(fileMs - settledMs).toISOString().slice(0, 10)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer) // Without an encoding.
  return hash.digest('hex')
}
