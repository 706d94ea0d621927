import { formatNanoUsd } from '@anthology/catalog'
import { createLineSplitter } from '@anthology/wire'

import type { Context } from '../context.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { Resource } from './resource.ts'
import { listResultModels, readResultLine } from './result-row.ts'
import { settleBatchMoney } from './settle-batch-money.ts'

/** Observes a batch's results without changing them, and writes a priced row for each into the ledger. */
export interface ResultMeter {
  /** Reads the next bytes; returns false to pause until the callback of `onReady` is called. */
  take(bytes: Uint8Array): boolean
  onReady(resume: () => void): void
  /** After the last byte: resolves to true when every row is durable and the batch is settled, to false if a ledger write failed. */
  finish(): Promise<boolean>
}

export function createResultMeter(context: Context, batch: Resource): ResultMeter {
  const { ledger, limits, log, telemetry } = context
  const lines = createLineSplitter(limits.plainAnswerBytes)
  const rows = createRowWriter(ledger)
  const account = context.accounts.find(({ name }) => name === batch.upstream)
  const source = {
    rates: account?.rates,
    fallback: context.fallbackPrice,
    models: listResultModels(batch, account),
  }
  const totals = { lines: 0, succeeded: 0, unreadable: 0, unpriced: 0, costNanoUsd: 0n }
  /** The first row whose cost is not known, if the batch holds money; it is written last. */
  let firstUnpriced: CallRow | null = null

  function takeLine(line: Uint8Array | null): void {
    if (rows.hasFailed()) return
    totals.lines += 1
    if (line === null) telemetry.countLimit('plainAnswerBytes')
    const result = readResultLine(batch, line, totals.lines, source)
    if (result.kind === 'free') return
    if (result.kind === 'unreadable') {
      totals.unreadable += 1
      const { because } = result
      // Avoid flooding the log: the ledger has a row for each line, and the `batch_settled` entry has their number.
      if (totals.unreadable <= maxLoggedLines)
        log({ ...logFields(batch), level: 'error', event: 'result_unmetered', line: totals.lines, because })
    } else {
      totals.succeeded += 1
    }
    const price = result.row.end?.price
    if (price?.ok === true) totals.costNanoUsd += price.totalNanoUsd
    // A price may be that of a part of the usage.
    if (price?.ok !== true || price.unpriced.length > 0) totals.unpriced += 1
    if (price?.ok === false && firstUnpriced === null && batch.hold_nano_usd !== null)
      firstUnpriced = result.row
    else rows.write(result.row)
  }

  return {
    take(bytes) {
      lines.push(bytes, takeLine)
      return rows.hasRoom()
    },
    onReady: (callback) => rows.onRoom(callback),
    async finish() {
      lines.finish(takeLine)
      if (firstUnpriced !== null && !rows.hasFailed())
        rows.write(holdRest(firstUnpriced, batch, Number(totals.costNanoUsd)))
      try {
        await rows.finish()
        await ledger.change({ kind: 'settled', id: batch.id, atMs: context.nowMs() })
        await settleBatchMoney(context, batch)
      } catch (error) {
        telemetry.countLimit('ledgerWaitMs')
        // The batch stays unsettled: the sweeper reads it again.
        log({ ...logFields(batch), level: 'error', event: 'ledger_late', message: String(error) })
        return false
      }
      // Results may be read again at any time; that writes the same rows and is not logged again.
      if (batch.settled_at_ms !== null) return true
      const { lines: _, costNanoUsd, ...counts } = totals
      const cost_usd = formatNanoUsd(costNanoUsd)
      log({ ...logFields(batch), level: 'info', event: 'batch_settled', ...counts, cost_usd })
      return true
    },
  }
}

/** If the cost of a result is not known, all that is held for the batch counts, as for a call: one row gets the rest. */
function holdRest(row: CallRow, { hold_nano_usd: held }: Resource, costNanoUsd: number): CallRow {
  return { ...row, start: { ...row.start, hold_nano_usd: Math.max(0, (held ?? 0) - costNanoUsd) } }
}

/** Writes rows of results, some of which wait for the ledger. */
function createRowWriter(ledger: Context['ledger']) {
  let pending = 0
  let late: unknown = null
  let resume = () => {}
  let whenWritten = () => {}

  async function wait(row: CallRow): Promise<void> {
    try {
      await ledger.write(row)
    } catch (error) {
      late = error
    }
    pending -= 1
    if (pending === maxPendingRows / 2) resume()
    if (pending === 0) whenWritten()
  }

  return {
    write(row: CallRow): void {
      pending += 1
      void wait(row)
    },
    /** While the ledger takes no rows the batch stays unsettled and is read again, so more rows would only fill memory and the emergency file. */
    hasFailed(): boolean {
      if (!ledger.healthy) late ??= new Error('the ledger takes no rows')
      return late !== null
    },
    hasRoom: () => pending <= maxPendingRows,
    onRoom(callback: () => void): void {
      resume = callback
    },
    /** Resolves when all rows are durable; rejects if one is not. */
    async finish(): Promise<void> {
      if (pending > 0) await new Promise<void>((resolve) => (whenWritten = resolve))
      if (late !== null) throw late
    },
  }
}

/** Maximum rows of one batch that wait for the ledger; above it, the upstream's response is paused. */
const maxPendingRows = 1_000

/** Maximum unreadable lines of one batch that get their own log entry. */
const maxLoggedLines = 10

/** The fields of every log entry about a batch. */
export function logFields(batch: Resource): { batch: string; key: string; upstream: string } {
  return { batch: batch.id, key: batch.key_id, upstream: batch.upstream }
}
