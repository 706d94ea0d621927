import { Worker } from 'node:worker_threads'

import { PendingReplies } from '../cluster/pending-replies.ts'
import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { CallRow } from './call-row.ts'
import { keepForever } from '../store/retention.ts'
import type { Retention } from '../store/retention.ts'
import type { Durability } from '../store/sqlite/database.ts'
import type { Log } from '../log.ts'
import type { Resource, ResourceChange, ResourceQuery } from '../resources/resource.ts'
import type { KeyRecord } from '../auth/key-record.ts'
import { encodeBatch } from './row-codec.ts'
import { createRowQueue } from './row-queue.ts'
import type { RowQueue } from './row-queue.ts'
import type { FromWriter, ToWriter, WriterData } from '../store/sqlite/writer-thread.ts'

/** The record of all calls. Asynchronous and batched, so that other databases fit behind it. */
export interface Ledger {
  /** Resolves when the row is durable. Rejects after `waitMs`, but the row is kept and retried even then. */
  write(row: CallRow): Promise<void>
  /** Sends a call's delayed start record now; null if it is not delayed any more. */
  flushStart(callId: string): Promise<void> | null
  /** Like `write`, for a change to the keys' batches and files; applied after all rows written before it. */
  change(change: ResourceChange): Promise<void>
  query(query: ResourceQuery): Promise<readonly Resource[]>
  /** Counts a call of a key that was rejected before any upstream was called; never waits. */
  countRejection(keyId: string, code: ErrorCode, atMs: number): void
  /** False while commits fail; then new calls are rejected. */
  readonly healthy: boolean
  /** Rows and changes that are not confirmed yet. */
  readonly waiting: number
  readonly keys: readonly KeyRecord[]
  /** Calls of an earlier process that never ended; their outcome is now `unknown`. */
  readonly abandoned: number
  close(): Promise<void>
}

/** The ledger of the process that owns the data folder; other processes write through it. */
export interface OwnLedger extends Ledger {
  /** Accepts a batch of another process' row queue; resolves when it is durable, without a deadline. */
  deliver(source: string, batch: string): Promise<void>
  /** The process exited and all of its batches are delivered: its open calls become `unknown`. */
  abandon(source: string): Promise<void>
}

export interface LedgerOptions {
  readonly dataFolder: string
  readonly durability?: Durability
  /** The folder for rows that the data folder cannot take. Default: a folder of this user in the system's temporary folder. */
  readonly emergencyFolder?: string | undefined
  /** Default: forever. */
  readonly retention?: Retention | undefined
  /** Time that the end of a response waits for its row. */
  readonly waitMs?: number
  readonly onKeys?: (keys: readonly KeyRecord[]) => void
  readonly onFailure?: (message: string) => void
  readonly log?: Log
}

/** Starts the writer thread and waits until it owns the data folder. */
export async function openLedger(options: LedgerOptions): Promise<OwnLedger> {
  const workerData: WriterData = {
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
    emergencyFolder: options.emergencyFolder,
    closeWaitMs: options.waitMs ?? defaultWaitMs,
    retention: options.retention ?? keepForever,
  }
  // The thread's file is TypeScript in the repository and JavaScript in the package, like this one.
  const file = new URL(`../store/sqlite/writer-thread${import.meta.url.slice(-3)}`, import.meta.url)
  const worker = new Worker(file, { workerData })
  const ready = await readFirstMessage(worker)
  if (ready.kind === 'start_failed')
    throw new GatewayError(ready.code, ready.message, ready.hint === undefined ? {} : { hint: ready.hint })
  if (ready.kind !== 'ready')
    throw new GatewayError('ledger_failed', `unexpected '${ready.kind}' from the writer`)
  for (const entry of ready.entries) options.log?.(entry)
  return new ThreadLedger(worker, ready, options)
}

class ThreadLedger implements OwnLedger {
  readonly abandoned: number
  keys: readonly KeyRecord[]
  healthy = true
  #worker: Worker
  #options: LedgerOptions
  #queue: RowQueue
  #deliveries = new Map<number, () => void>()
  #delivered = 0
  readonly #queries = new PendingReplies<readonly Resource[] | null>()
  #closed: Promise<void>
  #ended = false

  constructor(worker: Worker, ready: Extract<FromWriter, { kind: 'ready' }>, options: LedgerOptions) {
    this.#worker = worker
    this.#options = options
    this.abandoned = ready.abandoned
    this.keys = ready.keys
    this.#queue = createRowQueue({
      send: (batch) => this.deliver(ownSource, batch),
      waitMs: options.waitMs ?? defaultWaitMs,
    })
    worker.on('message', (message: FromWriter) => this.#onMessage(message))
    worker.on('error', (error) => this.#fail(`the ledger's writer died: ${error.message}`))
    this.#closed = new Promise((resolve) =>
      worker.on('exit', () => {
        this.#ended = true
        this.#queries.resolveAll(null)
        resolve()
      }),
    )
  }

  get waiting(): number {
    return this.#queue.waiting
  }

  write(row: CallRow): Promise<void> {
    return this.#queue.write(row)
  }

  flushStart(callId: string): Promise<void> | null {
    return this.#queue.flushStart(callId)
  }

  change(change: ResourceChange): Promise<void> {
    return this.#queue.change(change)
  }

  countRejection(keyId: string, code: ErrorCode, atMs: number): void {
    this.#queue.countRejection(keyId, code, atMs)
  }

  async query(query: ResourceQuery): Promise<readonly Resource[]> {
    // An exited thread would never answer.
    const resources = this.#ended
      ? null
      : await this.#queries.request((number) => this.#post({ kind: 'query', number, query }))
    if (resources === null) throw new GatewayError('ledger_failed', 'the ledger could not be read')
    return resources
  }

  deliver(source: string, batch: string, isLast = false): Promise<void> {
    const number = (this.#delivered += 1)
    this.#post({ kind: 'deliver', number, source, batch, isLast })
    return new Promise((resolve) => this.#deliveries.set(number, resolve))
  }

  abandon(source: string): Promise<void> {
    return this.deliver(source, encodeBatch([], [], []), true)
  }

  async close(): Promise<void> {
    this.#queue.flush()
    this.#post({ kind: 'close' })
    await this.#closed
    this.#queue.close()
  }

  #onMessage(message: FromWriter): void {
    switch (message.kind) {
      case 'written':
        this.healthy = true
        this.#confirmUpTo(message.number)
        return
      case 'kept':
        this.#confirmUpTo(message.number)
        return
      case 'keys':
        this.keys = message.keys
        this.#options.onKeys?.(message.keys)
        return
      case 'query_result':
        return this.#queries.resolve(message.number, message.resources)
      case 'failed':
        this.#fail(message.message)
        return
      case 'closed':
        if (message.rows > 0) this.#fail(describeWaiting(message))
        return
      case 'ready':
      case 'start_failed':
        return
    }
  }

  #fail(message: string): void {
    this.healthy = false
    this.#options.onFailure?.(message)
  }

  #confirmUpTo(last: number): void {
    for (const [number, resolve] of this.#deliveries) {
      if (number > last) break
      this.#deliveries.delete(number)
      resolve()
    }
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message)
  }
}

function describeWaiting({ rows, file }: Extract<FromWriter, { kind: 'closed' }>): string {
  return file === null
    ? `${rows} rows could not be written before the end`
    : `${rows} rows are kept in ${file}; the next start stores them`
}

const defaultWaitMs = 5_000

/** The source of this process' own rows. */
const ownSource = 'own'

function readFirstMessage(worker: Worker): Promise<FromWriter> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
