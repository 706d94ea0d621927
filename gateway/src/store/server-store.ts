import type { WorkerClient } from '../cluster/worker.ts'
import type { LedgerListeners } from '../cluster/worker-ledger.ts'
import { openLedger } from '../ledger/ledger.ts'
import type { JournalOptions, Ledger } from '../ledger/ledger.ts'
import { openReports } from '../ledger/reports.ts'
import type { Reports } from '../ledger/reports.ts'
import type { LeaseClient } from '../leases/lease-client.ts'
import type { Limits } from '../limits.ts'
import type { NewsChannel } from '../routing/process-news.ts'
import type { Log } from '../log.ts'
import { ensureWorkspaces } from '../organization/workspaces.ts'
import type { Database } from './database.ts'
import { openStore } from './open-store.ts'
import type { RetentionConfig } from './retention.ts'
import { openProcessRates } from './postgres/shared-rates.ts'

export interface ServerStoreOptions
  extends LedgerListeners, Pick<JournalOptions, 'dataFolder' | 'durability' | 'emergencyFolder'> {
  /** A `postgres://` URL; undefined for SQLite in the data folder. */
  readonly store?: string | undefined
  /** The URL of a read replica of the store, for reports and lists. Default: the store. */
  readonly storeRead?: string | undefined
  /** Set in a worker of a cluster. */
  readonly worker?: WorkerClient | undefined
  /** Workspaces that are created if no live one has their name. */
  readonly workspaces?: readonly { readonly name: string }[] | undefined
  /** The time for which calls and their sums are kept. Default: forever. */
  readonly retention?: RetentionConfig | undefined
  readonly limits: Pick<Limits, 'ledgerWaitMs' | 'ledgerLagBytes'>
  readonly log: Log
}

/** The parts of a gateway that keep their state in the store. */
export interface ServerStore {
  readonly ledger: Ledger
  readonly database: Database
  readonly reports: Reports
  /** The leases of rates that other processes share; undefined where this process is the only one. */
  readonly rates: { readonly leaseClient: LeaseClient; readonly windowMs: number } | undefined
  /** Connects what this process knows with other processes; undefined where it is the only one. */
  readonly news: NewsChannel | undefined
  close(): Promise<void>
}

/** Opens the cluster's ledger in a worker, else the server's own; the tables; the reports; and the shared rates. */
export async function openServerStore(options: ServerStoreOptions): Promise<ServerStore> {
  const { worker, dataFolder, store, storeRead = store, limits, workspaces = [] } = options
  const journal = { ...options, waitMs: limits.ledgerWaitMs, maxLagBytes: limits.ledgerLagBytes }
  const ledger = worker === undefined ? await openLedger(journal) : await worker.openLedger(journal)
  // The ledger has locked and upgraded the store, in this process or in the cluster's primary.
  const database = await openStore({ dataFolder, store }, { isLocked: true })
  const names = workspaces.map(({ name }) => name)
  await ensureWorkspaces(database, names, database.nowMs())
  const reports = openReports({ dataFolder, store: storeRead })
  const shared = worker === undefined && store !== undefined ? await openProcessRates(store) : null
  return {
    ledger,
    database,
    reports,
    rates: worker?.rates ?? shared ?? undefined,
    news: worker?.news ?? shared?.news,
    async close() {
      // When calls were cut off, their last attempts still have to write their rows.
      await new Promise((resolve) => setImmediate(resolve))
      await reports.close()
      await shared?.close()
      await database.close()
      await ledger.close()
    },
  }
}
