import { formatNanoUsd } from '@anthology/catalog'
import { createLineSplitter } from '@anthology/wire'

import type { Context } from '../context.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { Resource } from './resource.ts'
import { readResultLine } from './result-row.ts'

/** Meters a batch's results beside their bytes, and writes their cost to the ledger. */
export interface ResultMeter {
  /** Reads the next bytes; returns false to pause until the callback of `onReady` is called. */
  take(bytes: Uint8Array): boolean
  onReady(resume: () => void): void
  /** Call after the last byte. Resolves to true once all rows are durable and the batch is settled, else to false. */
  finish(): Promise<boolean>
}

export function createResultMeter(context: Context, batch: Resource): ResultMeter {
  const { ledger, limits, log, telemetry } = context
  const lines = createLineSplitter(limits.plainAnswerBytes)
  const totals = { lines: 0, succeeded: 0, unreadable: 0, costNanoUsd: 0n }
  let pending = 0
  let late: unknown = null
  let resume = () => {}
  let whenWritten = () => {}

  async function write(row: CallRow): Promise<void> {
    try {
      await ledger.write(row)
    } catch (error) {
      late = error
    }
    pending -= 1
    if (pending === maxPendingRows / 2) resume()
    if (pending === 0) whenWritten()
  }

  function takeLine(line: Uint8Array | null): void {
    // If the ledger is late, the batch is read again later, and further rows would only fill memory.
    if (late !== null) return
    totals.lines += 1
    if (line === null) telemetry.countLimit('plainAnswerBytes')
    const result = readResultLine(batch, line, totals.lines)
    if (result.kind === 'free') return
    if (result.kind === 'unreadable') {
      totals.unreadable += 1
      const { because } = result
      // Do not flood the log: the ledger has a row for each, and the log of the settled batch has their number.
      if (totals.unreadable <= maxLoggedLines)
        log({ ...logFields(batch), level: 'error', event: 'result_unmetered', line: totals.lines, because })
    } else {
      totals.succeeded += 1
    }
    const price = result.row.end?.price
    if (price?.ok === true) totals.costNanoUsd += price.totalNanoUsd
    pending += 1
    void write(result.row)
  }

  return {
    take(bytes) {
      lines.push(bytes, takeLine)
      return pending <= maxPendingRows
    },
    onReady(callback) {
      resume = callback
    },
    async finish() {
      lines.finish(takeLine)
      if (pending > 0) await new Promise<void>((resolve) => (whenWritten = resolve))
      try {
        if (late !== null) throw late
        await ledger.change({ kind: 'settled', id: batch.id, atMs: context.nowMs() })
      } catch (error) {
        telemetry.countLimit('ledgerWaitMs')
        // The batch stays unsettled: the sweeper reads it again.
        log({ ...logFields(batch), level: 'error', event: 'ledger_late', message: String(error) })
        return false
      }
      // Results may be read again at any time; that writes the same rows and is not logged.
      if (batch.settled_at_ms !== null) return true
      const { succeeded, unreadable } = totals
      const cost_usd = formatNanoUsd(totals.costNanoUsd)
      log({ ...logFields(batch), level: 'info', event: 'batch_settled', succeeded, unreadable, cost_usd })
      return true
    },
  }
}

/** Rows of one batch that wait for the ledger; with more, the upstream is paused. */
const maxPendingRows = 1_000

/** Unreadable lines of one batch that are logged individually. */
const maxLoggedLines = 10

/** The fields of every log entry about a batch. */
export function logFields(batch: Resource): { batch: string; key: string; upstream: string } {
  return { batch: batch.id, key: batch.key_id, upstream: batch.upstream }
}
