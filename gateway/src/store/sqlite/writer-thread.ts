import { parentPort, workerData } from 'node:worker_threads'

import { GatewayError } from '../../errors.ts'
import { closeAbandonedCalls, createCallWriter } from './call-writer.ts'
import { lockDataFolder, openDatabase } from './database.ts'
import type { Durability } from './database.ts'
import { createResourceTable } from './resource-table.ts'
import type { ResourceQuery } from '../../resources/resource.ts'
import type { Resource } from '../../resources/resource.ts'
import { listKeys } from './key-table.ts'
import type { KeyRecord } from '../../auth/key-record.ts'
import { decodeBatch } from '../../ledger/row-codec.ts'
import type { RowBatch } from '../../ledger/row-codec.ts'

// The only thread that writes the ledger. It owns the SQLite connection, its
// commits and its checkpoints: on the main thread a commit would block every stream
// of the process for milliseconds.

export interface WriterData {
  readonly dataFolder: string
  readonly durability: Durability
  /** Time for which failing commits are retried on close. */
  readonly closeWaitMs: number
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

/** From the thread. `written` confirms all deliveries up to its number. */
export type FromWriter =
  | { readonly kind: 'ready'; readonly abandoned: number; readonly keys: readonly KeyRecord[] }
  | { readonly kind: 'written'; readonly number: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'keys'; readonly keys: readonly KeyRecord[] }
  /** The durable state; null if it could not be read. */
  | { readonly kind: 'query_result'; readonly number: number; readonly resources: readonly Resource[] | null }
  | { readonly kind: 'start_failed'; readonly code: GatewayError['code']; readonly message: string }
  /** `lost`: rows that could not be committed. */
  | { readonly kind: 'closed'; readonly lost: number }

/** Interval of the check for keys that another process created or revoked. */
const keyPollMs = 250

/** Delay before a failed commit is retried. */
const retryMs = 500

const port = parentPort
if (port !== null) start(workerData as WriterData) // Only ledger.ts starts the thread, with this type.

function start(data: WriterData): void {
  try {
    run(data)
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : 'ledger_failed'
    post({ kind: 'start_failed', code, message: String(error instanceof Error ? error.message : error) })
    port?.close()
  }
}

function run({ dataFolder, durability, closeWaitMs }: WriterData): void {
  const lock = lockDataFolder(dataFolder)
  const database = openDatabase(dataFolder, { durability, isLocked: true })
  const abandoned = closeAbandonedCalls(database)
  const calls = createCallWriter(database)
  const resources = createResourceTable(database)
  const dataVersion = database.prepare('PRAGMA data_version')
  let seenVersion = dataVersion.get()?.['data_version']
  let waiting: Waiting[] = []
  /** Set by `close`: a failed commit is retried only until this time. */
  let closeDeadlineMs: number | null = null
  let ended = false

  const pollTimer = setInterval(() => {
    try {
      const version = dataVersion.get()?.['data_version']
      if (version === seenVersion) return
      const keys = listKeys(database)
      seenVersion = version
      post({ kind: 'keys', keys })
    } catch {
      // `seenVersion` is unchanged, so the next poll retries. A persistent error also fails the commits, which report
      // it. Throwing here would kill the thread and lose queued rows.
    }
  }, keyPollMs)

  port?.on('message', (message: ToWriter) => {
    if (message.kind === 'close') {
      closeDeadlineMs = performance.now() + closeWaitMs
      flush()
      return
    }
    if (message.kind === 'query') return answerQuery(message.number, message.query)
    // Deliveries that arrive during a commit share the next one.
    if (waiting.length === 0) setImmediate(flush)
    waiting.push({ ...message, batch: decodeBatch(message.batch) })
  })

  function answerQuery(number: number, query: ResourceQuery): void {
    try {
      post({ kind: 'query_result', number, resources: resources.query(query) })
    } catch {
      // The caller reports it; a later query may succeed.
      post({ kind: 'query_result', number, resources: null })
    }
  }

  function flush(): void {
    const last = waiting.at(-1)
    if (last !== undefined && !ended) {
      try {
        calls.write(waiting)
        resources.apply(waiting.flatMap(({ batch }) => batch.changes))
        waiting = []
        post({ kind: 'written', number: last.number })
      } catch (error) {
        // Keep the rows: they can be written once a full disk has space again.
        post({ kind: 'failed', message: String(error) })
        if (closeDeadlineMs === null || performance.now() < closeDeadlineMs)
          return void setTimeout(flush, retryMs)
      }
    }
    if (closeDeadlineMs !== null && !ended) end()
  }

  function end(): void {
    ended = true
    clearInterval(pollTimer)
    database.close()
    lock.release()
    post({ kind: 'closed', lost: waiting.reduce((sum, { batch }) => sum + countRows(batch), 0) })
    port?.close()
  }

  post({ kind: 'ready', abandoned, keys: listKeys(database) })
}

interface Waiting extends Omit<Delivery, 'batch'> {
  readonly batch: RowBatch
}

function countRows({ starts, calls, changes, rejections }: RowBatch): number {
  return starts.length + calls.length + changes.length + rejections.length
}

function post(message: FromWriter): void {
  port?.postMessage(message)
}
