import type { BudgetNews } from '../budgets/leased-money.ts'
import type { SettledBatch } from '../budgets/money.ts'
import type { GatewayErrorCode } from '../errors.ts'
import type { ResourceQuery } from '../resources/resource.ts'
import type { Resource } from '../resources/resource.ts'
import type { KeyRecord } from '../auth/key-record.ts'
import type { News } from '../routing/process-news.ts'
import type { JournalPosition } from '../store/sink.ts'
import type { FromLeaseServer, ToLeaseServer } from '../leases/message.ts'

// Messages between the primary and its workers: plain data over the IPC channel of
// child processes. Each worker's messages arrive in order.

export type ToPrimary =
  /** Requests the start message. */
  | { readonly kind: 'joined' }
  /** The worker's journal has new records. */
  | { readonly kind: 'appended' }
  | { readonly kind: 'query'; readonly number: number; readonly query: ResourceQuery }
  | { readonly kind: 'rates'; readonly message: ToLeaseServer }
  | { readonly kind: 'money'; readonly message: ToLeaseServer }
  /** The results of a batch are in the store, and their costs take the place of its hold. */
  | { readonly kind: 'batch_settled'; readonly batch: SettledBatch }
  /** The table of budgets has changed. */
  | { readonly kind: 'budgets_changed' }
  | { readonly kind: 'listening'; readonly url: string; readonly port: number }
  | {
      readonly kind: 'failed'
      readonly code: GatewayErrorCode | null
      readonly message: string
      readonly hint: string | undefined
    }
  /** Requests the reports of all workers. */
  | { readonly kind: 'collect'; readonly number: number }
  | NewsMessage
  | { readonly kind: 'reported'; readonly number: number; readonly report: unknown }

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  /** The store has the worker's journal up to this position. */
  | { readonly kind: 'stored'; readonly position: JournalPosition }
  /** `resources` is null if the ledger could not be read. */
  | { readonly kind: 'query_result'; readonly number: number; readonly resources: readonly Resource[] | null }
  | { readonly kind: 'rates'; readonly message: FromLeaseServer }
  /** The time, on the machine's monotonic clock, until which leases of rates may be used; they are shared with other servers. */
  | { readonly kind: 'lease_validity'; readonly untilMs: number }
  /** The leases of rates were taken from this server. */
  | { readonly kind: 'leases_expired' }
  | { readonly kind: 'money'; readonly message: FromLeaseServer }
  | { readonly kind: 'budgets'; readonly news: BudgetNews }
  | { readonly kind: 'keys'; readonly keys: readonly KeyRecord[] }
  | { readonly kind: 'health'; readonly healthy: boolean }
  | { readonly kind: 'report'; readonly number: number }
  | { readonly kind: 'collected'; readonly number: number; readonly reports: readonly unknown[] }
  | NewsMessage
  | { readonly kind: 'drain' }

/** What the other processes have to know. */
export interface NewsMessage {
  readonly kind: 'news'
  readonly news: readonly News[]
}

/** Everything that a worker needs to start. */
export interface WorkerStart {
  /** Counts from 0; a replacement has the number of the worker that exited. */
  readonly number: number
  readonly workers: number
  readonly keys: readonly KeyRecord[]
  /** The name of its journal. */
  readonly source: string
  readonly healthy: boolean
  readonly abandoned: number
  readonly windowMs: number
  /** See `lease_validity`; null if the leases never expire. */
  readonly leasesUntilMs: number | null
  /** Identifies the process in the rows of its calls. */
  readonly processId: string
  readonly budgets: BudgetNews
  readonly port: number
  readonly host: string
  readonly reusePort: boolean
  /** The program's own configuration for its workers: plain data. */
  readonly workerConfig: unknown
}
