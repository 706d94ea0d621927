import { Worker } from 'node:worker_threads'

import { GatewayError } from '../errors.ts'
import type { CallRow } from './call-row.ts'
import type { Durability } from './database.ts'
import type { Item, ItemChange, ItemQuestion } from './item-table.ts'
import type { KeyRecord } from './key-table.ts'
import type { FromWriter, ToWriter, WriterData } from './writer-thread.ts'

/** Where calls are written down. Asynchronous and made for batches, so that other databases fit behind it. */
export interface Ledger {
  /** Resolves when the row is durable, or rejects when it is not after `waitMs`; it is kept and tried again even then. */
  write(row: CallRow): Promise<void>
  /** The same for a change to what the keys have with the upstreams; it comes after all rows written before. */
  change(change: ItemChange): Promise<void>
  ask(question: ItemQuestion): Promise<readonly Item[]>
  /** False while commits fail: then no new call may be paid for. */
  readonly healthy: boolean
  /** Rows and changes that are not confirmed yet. */
  readonly waiting: number
  readonly keys: readonly KeyRecord[]
  /** Calls of an earlier process that had no end, now `unknown`. */
  readonly abandoned: number
  close(): Promise<void>
}

export interface LedgerOptions {
  readonly dataFolder: string
  readonly durability?: Durability
  /** How long an answer's last bytes wait for their row. */
  readonly waitMs?: number
  readonly onKeys?: (keys: readonly KeyRecord[]) => void
  readonly onFailure?: (message: string) => void
}

interface Asker {
  readonly resolve: (items: readonly Item[]) => void
  readonly reject: (error: Error) => void
}

interface Waiter {
  readonly batch: number
  readonly deadlineMs: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Starts the writer thread and waits until it owns the data folder. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const workerData: WriterData = {
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
    closeWaitMs: options.waitMs ?? defaultWaitMs,
  }
  // The thread's file is TypeScript in the repository and JavaScript in the package, like this one.
  const file = new URL(`./writer-thread${import.meta.url.slice(-3)}`, import.meta.url)
  const worker = new Worker(file, { workerData })
  const ready = await firstMessage(worker)
  if (ready.kind === 'refused') throw new GatewayError(ready.code, ready.message)
  if (ready.kind !== 'ready')
    throw new GatewayError('ledger_failed', `unexpected '${ready.kind}' from the writer`)
  return new ThreadLedger(worker, ready, options)
}

class ThreadLedger implements Ledger {
  readonly abandoned: number
  keys: readonly KeyRecord[]
  healthy = true
  #worker: Worker
  #options: LedgerOptions
  #waitMs: number
  #rows: CallRow[] = []
  #changes: ItemChange[] = []
  #askers = new Map<number, Asker>()
  #questions = 0
  #batch = 1
  #waiters: Waiter[] = []
  #sweep: NodeJS.Timeout
  #closed: Promise<void>

  constructor(worker: Worker, ready: Extract<FromWriter, { kind: 'ready' }>, options: LedgerOptions) {
    this.#worker = worker
    this.#options = options
    this.#waitMs = options.waitMs ?? defaultWaitMs
    this.abandoned = ready.abandoned
    this.keys = ready.keys
    this.#sweep = setInterval(() => this.#rejectLate(Date.now()), 250)
    this.#sweep.unref()
    worker.on('message', (message: FromWriter) => this.#hear(message))
    worker.on('error', (error) => this.#fail(`the ledger's writer died: ${error.message}`))
    this.#closed = new Promise((resolve) =>
      worker.on('exit', () => {
        for (const number of this.#askers.keys()) this.#tell(number, null)
        resolve()
      }),
    )
  }

  get waiting(): number {
    return this.#waiters.length
  }

  write(row: CallRow): Promise<void> {
    this.#sendSoon()
    this.#rows.push(row)
    return this.#confirmed()
  }

  change(change: ItemChange): Promise<void> {
    this.#sendSoon()
    this.#changes.push(change)
    return this.#confirmed()
  }

  ask(question: ItemQuestion): Promise<readonly Item[]> {
    const number = (this.#questions += 1)
    this.#post({ kind: 'ask', number, question })
    return new Promise((resolve, reject) => this.#askers.set(number, { resolve, reject }))
  }

  #sendSoon(): void {
    if (this.#rows.length + this.#changes.length === 0) setImmediate(() => this.#send())
  }

  #confirmed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ batch: this.#batch, deadlineMs: Date.now() + this.#waitMs, resolve, reject })
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    this.#send()
    this.#post({ kind: 'close' })
    await this.#closed
    this.#rejectLate(Infinity)
  }

  /** One message a turn of the event loop, however many calls ended in it. */
  #send(): void {
    if (this.#rows.length + this.#changes.length === 0) return
    const [rows, changes] = [this.#rows, this.#changes]
    this.#rows = []
    this.#changes = []
    this.#post({ kind: 'rows', batch: this.#batch, rows, changes })
    this.#batch += 1
  }

  #hear(message: FromWriter): void {
    switch (message.kind) {
      case 'written':
        this.healthy = true
        this.#resolveUpTo(message.batch)
        return
      case 'keys':
        this.keys = message.keys
        this.#options.onKeys?.(message.keys)
        return
      case 'told':
        return this.#tell(message.number, message.items)
      case 'failed':
        this.#fail(message.message)
        return
      case 'closed':
        if (message.lost > 0) this.#fail(`${message.lost} rows could not be written before the end`)
        return
      case 'ready':
      case 'refused':
        return
    }
  }

  #tell(number: number, items: readonly Item[] | null): void {
    const asker = this.#askers.get(number)
    this.#askers.delete(number)
    if (items !== null) asker?.resolve(items)
    else asker?.reject(new GatewayError('ledger_failed', 'the ledger could not be read'))
  }

  #fail(message: string): void {
    this.healthy = false
    this.#options.onFailure?.(message)
  }

  #resolveUpTo(batch: number): void {
    let done = 0
    for (const waiter of this.#waiters) {
      if (waiter.batch > batch) break
      waiter.resolve()
      done += 1
    }
    this.#waiters.splice(0, done)
  }

  #rejectLate(nowMs: number): void {
    while ((this.#waiters[0]?.deadlineMs ?? Infinity) < nowMs) {
      this.#waiters
        .shift()
        ?.reject(new GatewayError('ledger_failed', 'the ledger did not confirm the row in time'))
    }
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message)
  }
}

const defaultWaitMs = 5_000

function firstMessage(worker: Worker): Promise<FromWriter> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
