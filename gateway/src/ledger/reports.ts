import { Worker } from 'node:worker_threads'

import { PendingReplies } from '../cluster/pending-replies.ts'
import { GatewayError } from '../errors.ts'
import type { StoreLocation } from '../store/open-store.ts'
import type { FromReportThread, ToReportThread } from '../store/report-thread.ts'
import type { ReportArguments, ReportName, ReportResult } from './report-functions.ts'

/** Runs reports and lists in a thread of their own, which the first of them starts. */
export interface Reports {
  /**
   * Runs a function of `reportFunctions`. Rejects with the signal's reason once it is aborted; the report then ends
   * before its next statement. Rejects with a GatewayError if the store cannot be read.
   */
  read<Name extends ReportName>(
    name: Name,
    given: ReportArguments<Name>,
    signal?: AbortSignal,
  ): Promise<ReportResult<Name>>
  /** Cancels what still runs, and resolves when the thread has closed its connections and ended. */
  close(): Promise<void>
}

/** `Reports.read` for one request. */
export type ReadReport = <Name extends ReportName>(
  name: Name,
  ...given: ReportArguments<Name>
) => Promise<ReportResult<Name>>

/** The tables must exist. */
export function openReports(location: StoreLocation): Reports {
  return new ThreadReports(location)
}

class ThreadReports implements Reports {
  readonly #location: StoreLocation
  readonly #pending = new PendingReplies<unknown>()
  #thread: Thread | null = null
  #isClosed = false

  constructor({ dataFolder, store }: StoreLocation) {
    this.#location = { dataFolder, store }
  }

  async read<Name extends ReportName>(
    name: Name,
    given: ReportArguments<Name>,
    signal?: AbortSignal,
  ): Promise<ReportResult<Name>> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new GatewayError('ledger_failed', 'the server is shutting down')
    const thread = (this.#thread ??= this.#start())
    let cancel = (): void => {}
    const reply = this.#pending.request((number) => {
      thread.post({ kind: 'read', number, name, given })
      cancel = () => {
        thread.post({ kind: 'cancel', number })
        this.#pending.reject(number, toError(signal?.reason))
      }
    })
    signal?.addEventListener('abort', cancel)
    try {
      return (await reply) as ReportResult<Name> // The thread ran the function of this name.
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#thread?.post({ kind: 'close' })
    await this.#thread?.ended
  }

  #start(): Thread {
    // The thread's file is TypeScript in the repository and JavaScript in the package, like this one.
    const file = new URL(`../store/report-thread${import.meta.url.slice(-3)}`, import.meta.url)
    const worker = new Worker(file, { workerData: this.#location })
    let because = 'it was closed'
    worker.on('message', (message: FromReportThread) => this.#onMessage(message))
    worker.on('error', (error) => (because = error.message))
    const ended = new Promise<void>((resolve) =>
      worker.on('exit', () => {
        // The next report starts another thread.
        this.#thread = null
        this.#pending.rejectAll(new GatewayError('ledger_failed', `the thread of reports ended: ${because}`))
        resolve()
      }),
    )
    return { post: (message) => worker.postMessage(message), ended }
  }

  #onMessage(message: FromReportThread): void {
    if (message.kind === 'result') return this.#pending.resolve(message.number, message.result)
    const { number, code, message: text } = message
    this.#pending.reject(number, code === null ? new Error(text) : new GatewayError(code, text))
  }
}

interface Thread {
  post(message: ToReportThread): void
  readonly ended: Promise<void>
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
