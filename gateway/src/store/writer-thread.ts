import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

import type { KeyRecord } from '../auth/key-record.ts'
import { monotonicMs } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { LogEntry } from '../log.ts'
import type { Resource, ResourceQuery } from '../resources/resource.ts'
import { findHint, isPassingFailure } from './failure-hint.ts'
import { Ingester } from './ingester.ts'
import { startMaintenance } from './maintenance.ts'
import type { Maintenance } from './maintenance.ts'
import type { Retention } from './retention.ts'
import { findSegments } from './journal-folder.ts'
import { openPostgresBackend } from './postgres/postgres-backend.ts'
import { readReplicaId } from './replica-id.ts'
import type { JournalPosition } from './sink.ts'
import type { TornSegment } from './source-journal.ts'
import { createDamageError, databaseName, lockDataFolder } from './sqlite/database.ts'
import type { Durability } from './sqlite/database.ts'
import { restrictModes } from './sqlite/file-modes.ts'
import { isCorruption } from './sqlite/integrity.ts'
import { openSqliteBackend } from './sqlite/sqlite-backend.ts'
import { LostFileError } from './store-backend.ts'
import type { KeyWatch, StoreBackend } from './store-backend.ts'
import { describeUpgrade } from './upgrade.ts'
import type { UpgradeProgress } from './upgrade.ts'

// The only thread that writes the ledger. It owns the connection to the store: on the main thread a commit of SQLite
// would block every stream of the process for milliseconds. It reads what it writes from the journals of the processes.

export interface WriterData {
  readonly dataFolder: string
  /** A `postgres://` URL; undefined for SQLite in the data folder. */
  readonly store: string | undefined
  readonly durability: Durability
  /** The folder for journals that the data folder cannot take; undefined for the default. */
  readonly emergencyFolder: string | undefined
  /** Time for which a failing database is retried on close. */
  readonly closeWaitMs: number
  readonly retention: Retention
}

export type ToWriter =
  /** The journals have new records. */
  | { readonly kind: 'appended' }
  | { readonly kind: 'query'; readonly number: number; readonly query: ResourceQuery }
  /** The process with this journal has exited. */
  | { readonly kind: 'exited'; readonly number: number; readonly source: string }
  | { readonly kind: 'close' }

export type FromWriter =
  | {
      readonly kind: 'ready'
      readonly abandoned: number
      readonly keys: readonly KeyRecord[]
      /** Findings of the start, for the log. */
      readonly entries: readonly LogEntry[]
    }
  /** The ends of what is stored of each journal. */
  | { readonly kind: 'stored'; readonly positions: readonly (readonly [source: string, JournalPosition])[] }
  /** The database takes rows again. */
  | { readonly kind: 'recovered' }
  /** The database takes no rows. `isLost`: its files are gone, so that no new call may begin. */
  | { readonly kind: 'failed'; readonly message: string; readonly isLost: boolean }
  | { readonly kind: 'log'; readonly entry: LogEntry }
  | { readonly kind: 'keys'; readonly keys: readonly KeyRecord[] }
  /** The state after all changes in the journals; null if it could not be read. */
  | { readonly kind: 'query_result'; readonly number: number; readonly resources: readonly Resource[] | null }
  /** The calls of an exited process are closed, as soon as the database takes rows. */
  | { readonly kind: 'finished'; readonly number: number }
  | {
      readonly kind: 'start_failed'
      readonly code: GatewayError['code']
      readonly message: string
      readonly hint: string | undefined
    }
  /** `lagBytes` are in the journals only; the next start stores them. */
  | { readonly kind: 'closed'; readonly lagBytes: number }

/** Interval of the check for keys that another process created or revoked, for removed files and for open calls. */
const pollMs = 250

/** Delay before a failed commit is retried on close. */
const retryMs = 100

/** A start waits this long for a store that is locked or restarts. */
const maxRecoveryMs = 60_000

const port = parentPort

async function start(data: WriterData): Promise<void> {
  try {
    const folder = await openFolder(data)
    try {
      await new Writer(data, folder).start()
    } catch (error) {
      await folder.backend.sink.close().catch(() => {})
      folder.lock.release()
      throw error
    }
  } catch (error) {
    const { code, message, hint } = toStartError(error, data.dataFolder)
    post({ kind: 'start_failed', code, message, hint })
    port?.close()
  }
}

function toStartError(error: unknown, dataFolder: string): GatewayError {
  if (error instanceof GatewayError) return error
  if (isCorruption(error)) return createDamageError(join(dataFolder, databaseName), error.message)
  return new GatewayError(
    'ledger_failed',
    `the ledger in ${dataFolder} cannot be opened: ${getMessage(error)}`,
    { hint: 'Check the owner of the folder and the free space of its disk: anthology doctor.' },
  )
}

class Writer {
  readonly #folder: OpenFolder
  readonly #backend: StoreBackend
  readonly #ingester: Ingester
  readonly #data: WriterData
  #pollTimer: NodeJS.Timeout | undefined
  #maintenance: Maintenance | null = null
  #keys: KeyWatch | null = null
  /** The reason why the store takes no rows; null while it does. */
  #failure: string | null = null
  /** Findings of the start. */
  readonly #entries: LogEntry[]
  #isReady = false

  constructor(data: WriterData, folder: OpenFolder) {
    const { dataFolder, emergencyFolder } = data
    this.#data = data
    this.#folder = folder
    this.#backend = folder.backend
    this.#entries = [...folder.entries, ...folder.backend.entries]
    this.#ingester = new Ingester({
      findSegments: () => findSegments(dataFolder, emergencyFolder),
      sink: this.#backend.sink,
      nowMs: monotonicMs,
      onStored: (positions) => {
        if (this.#isReady) post({ kind: 'stored', positions })
      },
      onTorn: (torn) => this.#log(describeTorn(torn)),
    })
  }

  async start(): Promise<void> {
    const { abandoned, rows, paths } = await this.#recover()
    if (rows > abandoned)
      this.#entries.push({ level: 'info', event: 'rows_recovered', paths: paths.join(', '), rows })
    port?.on('message', (message: ToWriter) => void this.#onMessage(message))
    this.#pollTimer = setInterval(() => void this.#poll(), pollMs)
    const keys = await this.#backend.sink.listKeys()
    post({ kind: 'ready', abandoned, keys, entries: this.#entries })
    this.#isReady = true
    this.#maintenance = startMaintenance(this.#backend.createSteps(this.#data.retention))
    this.#keys = this.#backend.watchKeys((changed) => post({ kind: 'keys', keys: changed }))
  }

  #log(entry: LogEntry): void {
    if (this.#isReady) post({ kind: 'log', entry })
    else this.#entries.push(entry)
  }

  async #recover(): ReturnType<Ingester['recover']> {
    const deadlineMs = monotonicMs() + maxRecoveryMs
    for (;;) {
      try {
        return await this.#ingester.recover()
      } catch (cause) {
        if (isCorruption(cause)) throw cause
        if (!isPassingFailure(cause) || monotonicMs() >= deadlineMs) throw this.#explain(cause)
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }

  #explain(cause: unknown): GatewayError {
    const { dataFolder, emergencyFolder } = this.#data
    const paths = findSegments(dataFolder, emergencyFolder).map(({ path }) => path)
    return new GatewayError(
      'ledger_failed',
      `the calls in ${paths.join(', ')} cannot be stored: ${getMessage(cause)}`,
      {
        cause,
        hint: `${findHint(cause) ?? 'Look for what keeps the store from writing.'} Then start again. To start without these calls, move the file away.`,
      },
    )
  }

  async #onMessage(message: ToWriter): Promise<void> {
    switch (message.kind) {
      case 'appended':
        return this.#ingest()
      case 'query':
        return this.#answerQuery(message.number, message.query)
      case 'exited':
        await this.#attempt(() => this.#ingester.finish(message.source))
        return post({ kind: 'finished', number: message.number })
      case 'close':
        return this.#close()
    }
  }

  async #poll(): Promise<void> {
    this.#keys?.poll()
    await this.#ingest({ lists: true })
  }

  #ingest(options: { readonly lists?: boolean } = {}): Promise<void> {
    return this.#attempt(() => this.#ingester.ingest(options))
  }

  /** Nothing is lost by a failure: the rows stay in the journals, and the next poll tries again. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      this.#backend.check()
      await work()
      if (this.#failure !== null) post({ kind: 'recovered' })
      this.#failure = null
    } catch (error) {
      const message = describeFailure(error)
      if (message !== this.#failure) post({ kind: 'failed', message, isLost: error instanceof LostFileError })
      this.#failure = message
    }
  }

  async #answerQuery(number: number, query: ResourceQuery): Promise<void> {
    // A change that is confirmed is in the journal, perhaps not yet in the database.
    await this.#ingest()
    if (this.#failure !== null) return post({ kind: 'query_result', number, resources: null })
    try {
      post({ kind: 'query_result', number, resources: await this.#backend.sink.queryResources(query) })
    } catch {
      // The caller reports it; a later query may succeed.
      post({ kind: 'query_result', number, resources: null })
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#pollTimer)
    await this.#maintenance?.stop()
    const deadlineMs = monotonicMs() + this.#data.closeWaitMs
    for (;;) {
      await this.#attempt(() => this.#ingester.close())
      if (this.#failure === null || monotonicMs() >= deadlineMs) break
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
    const { lagBytes } = this.#ingester
    await this.#keys?.close()
    await this.#backend.sink.close()
    this.#folder.lock.release()
    post({ kind: 'closed', lagBytes: this.#failure === null ? 0 : Math.max(1, lagBytes) })
    port?.close()
  }
}

interface OpenFolder {
  readonly backend: StoreBackend
  readonly lock: { release(): void }
  /** Findings, for the log. */
  readonly entries: readonly LogEntry[]
}

/** Locks the data folder, which has the journals, and opens the store. */
async function openFolder(data: WriterData): Promise<OpenFolder> {
  const lock = lockDataFolder(data.dataFolder)
  try {
    const entries = restrictModes(data.dataFolder).map(describeMode)
    return { lock, entries, backend: await openBackend(data) }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openBackend({
  dataFolder,
  store,
  durability,
  closeWaitMs,
}: WriterData): Promise<StoreBackend> {
  return store === undefined
    ? openSqliteBackend({ dataFolder, durability, closeWaitMs, onUpgrade })
    : openPostgresBackend({ url: store, dataFolder, replica: readReplicaId(dataFolder), onUpgrade })
}

/** Sent before `ready`: an upgrade may take minutes. */
function onUpgrade(progress: UpgradeProgress): void {
  post({ kind: 'log', entry: { level: 'info', event: 'ledger_upgrade', message: describeUpgrade(progress) } })
}

function describeMode({ path, mode, isSecret, error }: ReturnType<typeof restrictModes>[number]): LogEntry {
  const advice = isSecret ? '; replace the secret if another user may have read it' : ''
  const message =
    error === null
      ? `other users could use it; only its owner can now${advice}`
      : `other users can use it, and its mode cannot be changed: ${error}`
  return { level: 'warn', event: 'wide_mode', path, mode: `0${mode.toString(8)}`, message }
}

function describeTorn({ path, keptAs, bytes }: TornSegment): LogEntry {
  const message = `the last ${bytes} bytes of ${path} are no whole record; they are kept in ${keptAs}`
  return { level: 'warn', event: 'journal_torn', path: keptAs, message }
}

/** With the next step for the operator, in one sentence. */
function describeFailure(error: unknown): string {
  const hint = error instanceof GatewayError ? error.hint : findHint(error)
  if (hint === undefined) return getMessage(error)
  return `${getMessage(error)}; ${hint.slice(0, 1).toLowerCase()}${hint.slice(1).replace(/\.$/, '')}`
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function post(message: FromWriter): void {
  port?.postMessage(message)
}

// Behind the class, which is not hoisted. Only ledger.ts starts the thread, with this type.
if (port !== null) void start(workerData as WriterData)
