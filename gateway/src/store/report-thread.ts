import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { GatewayError } from '../errors.ts'
import type { GatewayErrorCode } from '../errors.ts'
import { reportFunctions } from '../ledger/report-functions.ts'
import type { ReportName } from '../ledger/report-functions.ts'
import type { Queries, Reader } from './database.ts'
import { openReader } from './open-reader.ts'
import type { StoreReader } from './open-reader.ts'
import type { StoreLocation } from './open-store.ts'

// Runs reports and lists on a read-only connection. On the main thread a report over many rows would delay every stream
// of the process.

export type ToReportThread =
  | {
      readonly kind: 'read'
      readonly number: number
      readonly name: ReportName
      readonly given: readonly unknown[]
    }
  /** Nobody waits for this report any more. */
  | { readonly kind: 'cancel'; readonly number: number }
  /** Cancels all reports, closes the connection and ends the thread. */
  | { readonly kind: 'close' }

export type FromReportThread =
  | { readonly kind: 'result'; readonly number: number; readonly result: unknown }
  | {
      readonly kind: 'failed'
      readonly number: number
      readonly message: string
      /** The code of a GatewayError; null for any other error. */
      readonly code: GatewayErrorCode | null
    }

interface RunningReport {
  readonly controller: AbortController
  /** Resolves when the report has been answered. */
  readonly answered: Promise<void>
}

class ReportThread {
  readonly #port: MessagePort
  readonly #reader: StoreReader
  readonly #running = new Map<number, RunningReport>()

  constructor(port: MessagePort, reader: StoreReader) {
    this.#port = port
    this.#reader = reader
  }

  start(): void {
    this.#port.on('message', (message: ToReportThread) => {
      if (message.kind === 'read') this.#read(message)
      else if (message.kind === 'cancel') this.#running.get(message.number)?.controller.abort()
      else void this.#close()
    })
  }

  #read(message: Extract<ToReportThread, { kind: 'read' }>): void {
    const controller = new AbortController()
    const answered = this.#answer(message, controller.signal)
    this.#running.set(message.number, { controller, answered })
  }

  async #answer(
    { number, name, given }: Extract<ToReportThread, { kind: 'read' }>,
    signal: AbortSignal,
  ): Promise<void> {
    // The main thread's types tie the arguments to the name.
    const run = reportFunctions[name] as (queries: Reader, ...given: readonly unknown[]) => Promise<unknown>
    const reader: Reader = {
      ...takeTurns(this.#reader, signal),
      snapshot: (work) => this.#reader.snapshot((queries) => work(takeTurns(queries, signal))),
    }
    try {
      this.#post({ kind: 'result', number, result: await run(reader, ...given) })
    } catch (error) {
      const code = error instanceof GatewayError ? error.code : null
      this.#post({
        kind: 'failed',
        number,
        code,
        message: error instanceof Error ? error.message : String(error),
      })
    } finally {
      this.#running.delete(number)
    }
  }

  async #close(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort()
    await Promise.all([...this.#running.values()].map(({ answered }) => answered))
    await this.#reader.close()
    this.#port.close()
  }

  #post(message: FromReportThread): void {
    this.#port.postMessage(message)
  }
}

/** Other reports and messages have their turn between two statements of a report. */
function takeTurns(queries: Queries, signal: AbortSignal): Queries {
  const waitForTurn = async () => {
    await setImmediate()
    signal.throwIfAborted()
  }
  return {
    dialect: queries.dialect,
    query: async (sql, values) => {
      await waitForTurn()
      return queries.query(sql, values)
    },
    queryArrays: async (sql, values) => {
      await waitForTurn()
      return queries.queryArrays(sql, values)
    },
  }
}

// Only reports.ts starts the thread, with this type.
if (parentPort !== null) new ReportThread(parentPort, await openReader(workerData as StoreLocation)).start()
