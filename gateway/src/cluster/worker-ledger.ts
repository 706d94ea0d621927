import type { KeyRecord } from '../auth/key-record.ts'
import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { JournalLag } from '../ledger/journal-lag.ts'
import type { JournalWriter } from '../ledger/journal-writer.ts'
import { createJournalWriter, isJournalHealthy } from '../ledger/ledger.ts'
import type { JournalOptions, Ledger } from '../ledger/ledger.ts'
import type { Resource, ResourceChange, ResourceQuery } from '../resources/resource.ts'
import type { ToPrimary, ToWorker, WorkerStart } from './message.ts'
import { PendingReplies } from './pending-replies.ts'

export interface LedgerListeners {
  readonly onKeys: (keys: readonly KeyRecord[]) => void
  readonly onFailure: (message: string) => void
}

/** A worker's side of the ledger: it writes its own journal, which the primary's writer reads. */
export class WorkerLedger implements Ledger {
  readonly abandoned: number
  keys: readonly KeyRecord[]
  /** The health of the primary's writer. */
  storeHealthy: boolean
  readonly #post: (message: ToPrimary) => void
  readonly #options: JournalOptions & LedgerListeners
  readonly #journal: JournalWriter
  readonly #queries = new PendingReplies<readonly Resource[]>()

  constructor(
    { keys, healthy, abandoned, source }: WorkerStart,
    options: JournalOptions & LedgerListeners,
    post: (message: ToPrimary) => void,
  ) {
    this.keys = keys
    this.storeHealthy = healthy
    this.abandoned = abandoned
    this.#post = post
    this.#options = options
    this.#journal = createJournalWriter(options, {
      source,
      onAppended: () => post({ kind: 'appended' }),
      onFailure: options.onFailure,
    })
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

  query(query: ResourceQuery): Promise<readonly Resource[]> {
    return this.#queries.request((number) => this.#post({ kind: 'query', number, query }))
  }

  onMessage(message: Extract<ToWorker, { kind: 'stored' | 'query_result' | 'keys' | 'health' }>): void {
    switch (message.kind) {
      case 'stored':
        this.#journal.noteStored(message.position)
        return
      case 'query_result':
        if (message.resources !== null) this.#queries.resolve(message.number, message.resources)
        else this.#queries.reject(message.number, createReadError())
        return
      case 'keys':
        this.keys = message.keys
        this.#options.onKeys(message.keys)
        return
      case 'health':
        this.storeHealthy = message.healthy
        if (!message.healthy) this.#options.onFailure('the ledger cannot be written at the moment')
    }
  }

  /** Writes what is left to the journal; the primary stores it after this process has exited. */
  async close(): Promise<void> {
    const lost = await this.#journal.close()
    if (lost > 0) this.#options.onFailure(`${lost} rows could not be written before the end`)
  }
}

function createReadError(): GatewayError {
  return new GatewayError('ledger_failed', 'the ledger could not be read')
}
