import { Worker } from 'node:worker_threads'

import type { KeyRecord } from '../auth/key-record.ts'
import { PendingReplies } from '../cluster/pending-replies.ts'
import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { readRetention } from '../store/retention.ts'
import type { RetentionConfig } from '../store/retention.ts'
import { randomText } from '../http/request-id.ts'
import type { Log } from '../log.ts'
import type { Resource, ResourceChange, ResourceQuery } from '../resources/resource.ts'
import { listJournalPlaces } from '../store/journal-folder.ts'
import type { JournalPosition } from '../store/sink.ts'
import type { Durability } from '../store/sqlite/database.ts'
import type { FromWriter, ToWriter, WriterData } from '../store/writer-thread.ts'
import type { CallRow } from './call-row.ts'
import type { JournalLag } from './journal-lag.ts'
import { JournalWriter } from './journal-writer.ts'

/** The record of all calls. A row is durable in the process' own journal; the store follows. */
export interface Ledger {
  /** Resolves when the row is in the journal. Rejects after `waitMs`, but the row is kept and retried even then. */
  write(row: CallRow): Promise<void>
  /** Like `write`, for a change to the keys' batches and files; applied after all rows written before it. */
  change(change: ResourceChange): Promise<void>
  /** The state after all changes that were confirmed before, by any process of the server. */
  query(query: ResourceQuery): Promise<readonly Resource[]>
  /** Counts a call of a key that was rejected before any upstream was called; never waits. */
  countRejection(keyId: string, code: ErrorCode, atMs: number): void
  /** False while the journal cannot be written, the database is gone, or the lag is at its limit; then new calls are rejected. */
  readonly healthy: boolean
  /** Rows and changes that are in no journal yet. */
  readonly waiting: number
  /** The part of this process' journal that the store does not have yet. */
  readonly lag: JournalLag
  readonly keys: readonly KeyRecord[]
  /** Calls of an earlier process that never ended; their outcome is now `unknown`. */
  readonly abandoned: number
  close(): Promise<void>
}

/** The ledger of the process that owns the data folder, with the store's writer. */
export interface OwnLedger extends Ledger {
  /** Without the lag of this process' journal: the health that other processes share. */
  readonly storeHealthy: boolean
  /** Another process has new records in its journal. */
  noteAppended(): void
  /** The process with this journal has exited: its open calls become `unknown`. */
  finish(source: string): Promise<void>
}

/** What a process needs to write its journal. */
export interface JournalOptions {
  readonly dataFolder: string
  readonly durability?: Durability | undefined
  /** The folder for calls that run while the data folder takes nothing. Default: a folder of this user in the system's temporary folder. */
  readonly emergencyFolder?: string | undefined
  /** Time that a call waits for its row. */
  readonly waitMs?: number
  /** Bytes of the journal that may wait for the store. Default: no limit. */
  readonly maxLagBytes?: number
}

export interface LedgerOptions extends JournalOptions {
  /** A `postgres://` URL; undefined for SQLite in the data folder. */
  readonly store?: string | undefined
  readonly onKeys?: (keys: readonly KeyRecord[]) => void
  readonly onFailure?: (message: string) => void
  /** Default: forever. */
  readonly retention?: RetentionConfig | undefined
  /** Called with the ends of what is stored of each journal. */
  readonly onStored?: (positions: readonly (readonly [source: string, position: JournalPosition])[]) => void
  readonly log?: Log
}

/** Starts the writer thread and waits until it owns the data folder. */
export async function openLedger(options: LedgerOptions): Promise<OwnLedger> {
  const workerData: WriterData = {
    dataFolder: options.dataFolder,
    store: options.store,
    durability: options.durability ?? 'process',
    emergencyFolder: options.emergencyFolder,
    closeWaitMs: options.waitMs ?? defaultWaitMs,
    retention: readRetention(options.retention ?? {}),
  }
  // The thread's file is TypeScript in the repository and JavaScript in the package, like this one.
  const file = new URL(`../store/writer-thread${import.meta.url.slice(-3)}`, import.meta.url)
  const worker = new Worker(file, { workerData })
  const ready = await untilStarted(worker, options.log)
  if (ready.kind === 'start_failed')
    throw new GatewayError(ready.code, ready.message, ready.hint === undefined ? {} : { hint: ready.hint })
  if (ready.kind !== 'ready')
    throw new GatewayError('ledger_failed', `unexpected '${ready.kind}' from the writer`)
  for (const entry of ready.entries) options.log?.(entry)
  return new ThreadLedger(worker, ready, options)
}

/** A name for the journal of a process that no other process ever has. */
export function createSource(): string {
  return `${process.pid}-${randomText(12)}`
}

export function createJournalWriter(
  { dataFolder, emergencyFolder, durability = 'process', waitMs = defaultWaitMs }: JournalOptions,
  options: {
    readonly source: string
    readonly onAppended: () => void
    readonly onFailure: (message: string) => void
  },
): JournalWriter {
  const places = listJournalPlaces(dataFolder, emergencyFolder)
  return new JournalWriter({ places, durability, waitMs, ...options })
}

class ThreadLedger implements OwnLedger {
  readonly abandoned: number
  keys: readonly KeyRecord[]
  storeHealthy = true
  readonly #worker: Worker
  readonly #options: LedgerOptions
  readonly #source = createSource()
  readonly #journal: JournalWriter
  readonly #queries = new PendingReplies<readonly Resource[] | null>()
  readonly #exits = new PendingReplies<void>()
  readonly #closed: Promise<void>
  #ended = false

  constructor(worker: Worker, ready: Extract<FromWriter, { kind: 'ready' }>, options: LedgerOptions) {
    this.#worker = worker
    this.#options = options
    this.abandoned = ready.abandoned
    this.keys = ready.keys
    this.#journal = createJournalWriter(options, {
      source: this.#source,
      onAppended: () => this.noteAppended(),
      onFailure: (message) => options.onFailure?.(message),
    })
    worker.on('message', (message: FromWriter) => this.#onMessage(message))
    worker.on('error', (error) => {
      this.storeHealthy = false
      options.onFailure?.(`the ledger's writer ended: ${error.message}; restart the server`)
    })
    this.#closed = new Promise((resolve) =>
      worker.on('exit', () => {
        this.#ended = true
        this.#queries.resolveAll(null)
        this.#exits.resolveAll()
        resolve()
      }),
    )
  }

  get healthy(): boolean {
    return this.storeHealthy && isJournalHealthy(this.#journal, this.#options)
  }

  get waiting(): number {
    return this.#journal.waiting
  }

  get lag(): JournalLag {
    return this.#journal.getLag()
  }

  write(row: CallRow): Promise<void> {
    return this.#journal.write(row)
  }

  change(change: ResourceChange): Promise<void> {
    return this.#journal.change(change)
  }

  countRejection(keyId: string, code: ErrorCode, atMs: number): void {
    this.#journal.countRejection(keyId, code, atMs)
  }

  async query(query: ResourceQuery): Promise<readonly Resource[]> {
    // An exited thread would never answer.
    const resources = this.#ended
      ? null
      : await this.#queries.request((number) => this.#post({ kind: 'query', number, query }))
    if (resources === null) throw new GatewayError('ledger_failed', 'the ledger could not be read')
    return resources
  }

  noteAppended(): void {
    this.#post({ kind: 'appended' })
  }

  async finish(source: string): Promise<void> {
    if (!this.#ended) await this.#exits.request((number) => this.#post({ kind: 'exited', number, source }))
  }

  async close(): Promise<void> {
    const lost = await this.#journal.close()
    if (lost > 0) this.#options.onFailure?.(`${lost} rows could not be written before the end`)
    this.#post({ kind: 'close' })
    await this.#closed
  }

  #onMessage(message: FromWriter): void {
    switch (message.kind) {
      case 'stored':
        for (const [source, position] of message.positions)
          if (source === this.#source) this.#journal.noteStored(position)
        this.#options.onStored?.(message.positions)
        return
      case 'recovered':
        this.storeHealthy = true
        return
      case 'keys':
        this.keys = message.keys
        this.#options.onKeys?.(message.keys)
        return
      case 'query_result':
        return this.#queries.resolve(message.number, message.resources)
      case 'finished':
        return this.#exits.resolve(message.number)
      case 'failed':
        this.storeHealthy = !message.isLost
        this.#options.onFailure?.(
          message.isLost
            ? message.message
            : `${message.message}; the calls are kept in the journal until the database takes them`,
        )
        return
      case 'log':
        this.#options.log?.(message.entry)
        return
      case 'closed':
        if (message.lagBytes > 0)
          this.#options.onFailure?.('the last calls are kept in the journal; the next start stores them')
        return
      case 'ready':
      case 'start_failed':
        return
    }
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message)
  }
}

export function isJournalHealthy(
  journal: JournalWriter,
  { maxLagBytes = Infinity }: Pick<JournalOptions, 'maxLagBytes'>,
): boolean {
  return journal.failure === null && journal.getLag().bytes < maxLagBytes
}

const defaultWaitMs = 5_000

/** Waits for the first message that is no log entry. The upgrade of an older store logs how far it is. */
function untilStarted(worker: Worker, log: Log | undefined): Promise<FromWriter> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromWriter) => {
      if (message.kind === 'log') return log?.(message.entry)
      worker.off('message', onMessage)
      resolve(message)
    }
    worker.on('message', onMessage)
    worker.once('error', reject)
  })
}
