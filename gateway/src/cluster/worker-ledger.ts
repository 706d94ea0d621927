import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { ResourceQuery } from '../resources/resource.ts'
import type { ResourceChange } from '../resources/resource.ts'
import type { Resource } from '../resources/resource.ts'
import type { KeyRecord } from '../auth/key-record.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createRowQueue } from '../ledger/row-queue.ts'
import type { RowQueue } from '../ledger/row-queue.ts'
import type { ToPrimary, ToWorker, WorkerStart } from './message.ts'
import { PendingReplies } from './pending-replies.ts'

export interface LedgerListeners {
  readonly onKeys: (keys: readonly KeyRecord[]) => void
  readonly onFailure: (message: string) => void
  /** Time that the end of a response waits for its row. */
  readonly waitMs: number
}

/** A worker's side of the ledger: the primary owns the writer and confirms durable rows. */
export class WorkerLedger implements Ledger {
  readonly abandoned: number
  keys: readonly KeyRecord[]
  healthy: boolean
  readonly #post: (message: ToPrimary) => void
  readonly #listeners: LedgerListeners
  readonly #queue: RowQueue
  readonly #deliveries = new PendingReplies<void>()
  readonly #queries = new PendingReplies<readonly Resource[]>()

  constructor(
    { keys, healthy, abandoned }: WorkerStart,
    listeners: LedgerListeners,
    post: (message: ToPrimary) => void,
  ) {
    this.keys = keys
    this.healthy = healthy
    this.abandoned = abandoned
    this.#post = post
    this.#listeners = listeners
    const send = (batch: string) =>
      this.#deliveries.request((number) => this.#post({ kind: 'rows', number, batch }))
    this.#queue = createRowQueue({ send, waitMs: listeners.waitMs })
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

  query(query: ResourceQuery): Promise<readonly Resource[]> {
    return this.#queries.request((number) => this.#post({ kind: 'query', number, query }))
  }

  onMessage(message: Extract<ToWorker, { kind: 'confirmed' | 'query_result' | 'keys' | 'health' }>): void {
    switch (message.kind) {
      case 'confirmed':
        this.#deliveries.resolve(message.number)
        return
      case 'query_result':
        if (message.resources !== null) this.#queries.resolve(message.number, message.resources)
        else this.#queries.reject(message.number, createReadError())
        return
      case 'keys':
        this.keys = message.keys
        this.#listeners.onKeys(message.keys)
        return
      case 'health':
        this.healthy = message.healthy
        if (!message.healthy) this.#listeners.onFailure('the ledger cannot be written at the moment')
    }
  }

  /** Waits until all rows are durable, at most as long as a call would. */
  async close(): Promise<void> {
    this.#queue.flush()
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#listeners.waitMs)
    })
    await Promise.race([this.#deliveries.settled(), timeout])
    clearTimeout(timer)
    this.#queue.close()
  }
}

function createReadError(): GatewayError {
  return new GatewayError('ledger_failed', 'the ledger could not be read')
}
