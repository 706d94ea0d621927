import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

import { GatewayError } from '../../errors.ts'
import { createEmergencyFile, findEmergencyFiles } from '../emergency-file.ts'
import type { EmergencyFile } from '../emergency-file.ts'
import { closeAbandonedCalls, createCallWriter } from './call-writer.ts'
import type { CallWriter } from './call-writer.ts'
import { createDamageError, databaseName, lockDataFolder, openDatabase } from './database.ts'
import type { Durability } from './database.ts'
import { watchFiles } from './file-identity.ts'
import { restrictModes } from './file-modes.ts'
import { findCorruption, isCorruption } from './integrity.ts'
import { startMaintenance } from './maintenance.ts'
import type { Retention } from '../retention.ts'
import { recoverRows } from './recovery.ts'
import { createResourceTable } from './resource-table.ts'
import type { ResourceTable } from './resource-table.ts'
import type { ResourceQuery } from '../../resources/resource.ts'
import type { Resource } from '../../resources/resource.ts'
import { listKeys } from './key-table.ts'
import type { KeyRecord } from '../../auth/key-record.ts'
import type { LogEntry } from '../../log.ts'
import { decodeBatch } from '../../ledger/row-codec.ts'
import type { RowBatch } from '../../ledger/row-codec.ts'

// The only thread that writes the ledger. It owns the SQLite connection, its
// commits and its checkpoints: on the main thread a commit would block every stream
// of the process for milliseconds.

export interface WriterData {
  readonly dataFolder: string
  readonly durability: Durability
  /** The folder for rows that the data folder cannot take; undefined for the default. */
  readonly emergencyFolder: string | undefined
  /** Time for which failing commits are retried on close. */
  readonly closeWaitMs: number
  readonly retention: Retention
}

/** To the thread: a numbered batch, a numbered query, or the request to close. */
export type ToWriter =
  | Delivery
  | { readonly kind: 'query'; readonly number: number; readonly query: ResourceQuery }
  | { readonly kind: 'close' }

export interface Delivery {
  readonly kind: 'deliver'
  readonly number: number
  /** The process that sent it. */
  readonly source: string
  /** The text of `encodeBatch`. Changes are applied after the rows are committed: a Message Batch is never settled before its rows are stored. */
  readonly batch: string
  /** The source exited, so its open calls will never end. */
  readonly isLast: boolean
}

/** From the thread. `written` and `kept` confirm all deliveries up to their number. */
export type FromWriter =
  | {
      readonly kind: 'ready'
      readonly abandoned: number
      readonly keys: readonly KeyRecord[]
      /** Findings of the start, for the log. */
      readonly entries: readonly LogEntry[]
    }
  | { readonly kind: 'written'; readonly number: number }
  /** The rows are in the emergency file, and the database still cannot take them. */
  | { readonly kind: 'kept'; readonly number: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'keys'; readonly keys: readonly KeyRecord[] }
  /** The durable state; null if it could not be read. */
  | { readonly kind: 'query_result'; readonly number: number; readonly resources: readonly Resource[] | null }
  | {
      readonly kind: 'start_failed'
      readonly code: GatewayError['code']
      readonly message: string
      readonly hint: string | undefined
    }
  /** `rows` could not be committed; `file`: the emergency file that has them, null if none has. */
  | { readonly kind: 'closed'; readonly rows: number; readonly file: string | null }

/** Interval of the check for keys that another process created or revoked, and for removed files. */
const pollMs = 250

/** Time that a commit waits for another process; the end of a response waits for the ledger longer than that. */
const maxBusyMs = 2_000

/** A larger database is not checked at the start, where it would take too long; `anthology doctor` checks it. */
const maxCheckedBytes = 16 * 1024 * 1024

/** Delay before a failed commit is retried. */
const retryMs = 500

const port = parentPort

function start(data: WriterData): void {
  try {
    const folder = openFolder(data)
    new Writer(data, folder).start(folder.entries)
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
  readonly #calls: CallWriter
  readonly #resources: ResourceTable
  readonly #emergency: EmergencyFile
  readonly #findMissing: () => string | null
  readonly #dataVersion: StatementSync
  readonly #closeWaitMs: number
  readonly #maintenance: { stop(): void }
  #pollTimer: NodeJS.Timeout | undefined
  #seenVersion: unknown
  #waiting: Waiting[] = []
  /** The number of the last delivery that was committed. */
  #written = 0
  /** The reason why the database takes no rows; null while it does. */
  #failure: string | null = null
  /** Set by `close`: a failed commit is retried only until this time. */
  #closeDeadlineMs: number | null = null
  #ended = false

  constructor({ dataFolder, emergencyFolder, closeWaitMs, retention }: WriterData, folder: OpenFolder) {
    const { database } = folder
    // A commit that fails while another process has the database must be kept before the response of its call ends.
    database.exec(`PRAGMA busy_timeout = ${Math.min(maxBusyMs, Math.ceil(closeWaitMs / 2))}`)
    this.#folder = folder
    this.#closeWaitMs = closeWaitMs
    this.#calls = createCallWriter(database)
    this.#resources = createResourceTable(database)
    this.#emergency = createEmergencyFile(dataFolder, emergencyFolder)
    this.#findMissing = watchFiles(dataFolder)
    this.#dataVersion = database.prepare('PRAGMA data_version')
    this.#seenVersion = this.#readVersion()
    this.#maintenance = startMaintenance(database, { retention, isBusy: () => this.#waiting.length > 0 })
  }

  start(entries: readonly LogEntry[]): void {
    const { database, abandoned } = this.#folder
    port?.on('message', (message: ToWriter) => this.#onMessage(message))
    this.#pollTimer = setInterval(() => {
      // Without rows to write, only this check finds files that were removed or put back.
      if (this.#waiting.length === 0) this.#reportFiles()
      this.#readKeys()
    }, pollMs)
    post({ kind: 'ready', abandoned, keys: listKeys(database), entries })
  }

  #onMessage(message: ToWriter): void {
    switch (message.kind) {
      case 'deliver':
        // Deliveries that arrive during a commit share the next one.
        if (this.#waiting.length === 0) setImmediate(() => this.#flush())
        this.#waiting.push({ ...message, text: message.batch, batch: decodeBatch(message.batch) })
        return
      case 'query':
        return this.#answerQuery(message.number, message.query)
      case 'close':
        this.#closeDeadlineMs = performance.now() + this.#closeWaitMs
        this.#flush()
    }
  }

  #readKeys(): void {
    try {
      const version = this.#readVersion()
      if (version === this.#seenVersion) return
      const keys = listKeys(this.#folder.database)
      this.#seenVersion = version
      post({ kind: 'keys', keys })
    } catch {
      // The seen version is unchanged, so the next poll retries. A persistent error also fails the commits, which
      // report it. Throwing here would kill the thread and lose queued rows.
    }
  }

  #readVersion(): unknown {
    return this.#dataVersion.get()?.['data_version']
  }

  #answerQuery(number: number, query: ResourceQuery): void {
    try {
      post({ kind: 'query_result', number, resources: this.#resources.query(query) })
    } catch {
      // The caller reports it; a later query may succeed.
      post({ kind: 'query_result', number, resources: null })
    }
  }

  #flush(): void {
    const last = this.#waiting.at(-1)
    if (last !== undefined && !this.#ended) {
      try {
        this.#commit()
        this.#waiting = []
        this.#emergency.clear()
        this.#confirm(last.number)
      } catch (error) {
        this.#keep(getMessage(error), last.number)
        // The rows stay here as well: they can be written once a full disk has space again.
        if (this.#closeDeadlineMs === null || performance.now() < this.#closeDeadlineMs)
          return void setTimeout(() => this.#flush(), retryMs)
      }
    }
    if (this.#closeDeadlineMs !== null && !this.#ended) this.#end()
  }

  #commit(): void {
    // While it takes rows, one look at the files behind the commit is enough.
    if (this.#failure !== null) this.#requireFiles()
    this.#calls.write(this.#waiting)
    this.#resources.apply(this.#waiting.flatMap(({ batch }) => batch.changes))
    // SQLite commits to a removed file without an error.
    this.#requireFiles()
  }

  #requireFiles(): void {
    const missing = this.#findMissing()
    if (missing !== null) throw new Error(describeMissing(missing))
  }

  #reportFiles(): void {
    const missing = this.#findMissing()
    if (missing !== null) this.#reportFailure(describeMissing(missing))
    else if (this.#failure !== null) this.#confirm(this.#written)
  }

  #confirm(number: number): void {
    this.#written = number
    this.#failure = null
    post({ kind: 'written', number })
  }

  #keep(because: string, number: number): void {
    const waiting = this.#keepWaiting()
    this.#reportFailure(`${because}${describeKept(waiting)}`)
    if (waiting.rows === 0 || waiting.file !== null) post({ kind: 'kept', number })
  }

  /** Keeps the waiting rows; `file` is null if no place takes them, or if there are none. */
  #keepWaiting(): { readonly rows: number; readonly file: string | null } {
    // A delivery without rows only reports the end of its source.
    const filled = this.#waiting.filter(({ batch }) => countRows(batch) > 0)
    const rows = filled.reduce((sum, { batch }) => sum + countRows(batch), 0)
    return { rows, file: this.#emergency.keep(filled.map(({ text }) => text)) }
  }

  #reportFailure(message: string): void {
    if (message !== this.#failure) post({ kind: 'failed', message })
    this.#failure = message
  }

  #end(): void {
    this.#ended = true
    clearInterval(this.#pollTimer)
    this.#maintenance.stop()
    this.#folder.database.close()
    this.#folder.lock.release()
    post({ kind: 'closed', ...this.#keepWaiting() })
    port?.close()
  }
}

interface OpenFolder {
  readonly database: DatabaseSync
  readonly lock: { release(): void }
  readonly abandoned: number
  /** Findings, for the log. */
  readonly entries: readonly LogEntry[]
}

/** Locks and opens the data folder, and stores the rows that earlier processes left. */
function openFolder(data: WriterData): OpenFolder {
  const lock = lockDataFolder(data.dataFolder)
  try {
    return { lock, ...openLocked(data) }
  } catch (error) {
    lock.release()
    throw error
  }
}

function openLocked({ dataFolder, durability, emergencyFolder }: WriterData): Omit<OpenFolder, 'lock'> {
  const entries: LogEntry[] = restrictModes(dataFolder).map(describeMode)
  const database = openDatabase(dataFolder, { durability, isLocked: true })
  const file = join(dataFolder, databaseName)
  const isSmall = statSync(file).size <= maxCheckedBytes
  const finding = isSmall ? findCorruption(dataFolder, { full: false }) : null
  if (finding !== null) throw createDamageError(file, finding)
  for (const path of findEmergencyFiles(dataFolder, emergencyFolder))
    entries.push({ level: 'warn', event: 'rows_recovered', path, rows: recoverRows(database, path) })
  return { database, entries, abandoned: closeAbandonedCalls(database) }
}

function describeMode({ path, mode, isSecret, error }: ReturnType<typeof restrictModes>[number]): LogEntry {
  const advice = isSecret ? '; replace the secret if another user may have read it' : ''
  const message =
    error === null
      ? `other users could use it; only its owner can now${advice}`
      : `other users can use it, and its mode cannot be changed: ${error}`
  return { level: 'warn', event: 'wide_mode', path, mode: `0${mode.toString(8)}`, message }
}

function describeKept({ rows, file }: { readonly rows: number; readonly file: string | null }): string {
  if (rows === 0) return ''
  return file === null ? '; no emergency file can be written either' : `; the rows are kept in ${file}`
}

function describeMissing(path: string): string {
  return `${path} was removed or replaced while the server runs; restart the server`
}

interface Waiting extends Omit<Delivery, 'batch'> {
  /** The batch as it arrived. */
  readonly text: string
  readonly batch: RowBatch
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function countRows({ starts, calls, changes, rejections }: RowBatch): number {
  return starts.length + calls.length + changes.length + rejections.length
}

function post(message: FromWriter): void {
  port?.postMessage(message)
}

// Behind the class, which is not hoisted. Only ledger.ts starts the thread, with this type.
if (port !== null) start(workerData as WriterData)
