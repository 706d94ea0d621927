import type { GatewayErrorCode } from '../errors.ts'
import type { ResourceQuery } from '../resources/resource.ts'
import type { Resource } from '../resources/resource.ts'
import type { KeyRecord } from '../auth/key-record.ts'
import type { FromLeaseServer, ToLeaseServer } from '../leases/message.ts'

// What the primary and its workers say to each other: plain data over the channel
// that a process has with those it started. Per worker messages arrive in order.

export type ToPrimary =
  /** Wants to be told to start. */
  | { readonly kind: 'joined' }
  | { readonly kind: 'rows'; readonly number: number; readonly batch: string }
  | { readonly kind: 'query'; readonly number: number; readonly query: ResourceQuery }
  | { readonly kind: 'rates'; readonly message: ToLeaseServer }
  | { readonly kind: 'listening'; readonly url: string; readonly port: number }
  | {
      readonly kind: 'failed'
      readonly code: GatewayErrorCode | null
      readonly message: string
      readonly hint: string | undefined
    }
  /** Wants to know what every process reports. */
  | { readonly kind: 'collect'; readonly number: number }
  | { readonly kind: 'reported'; readonly number: number; readonly report: unknown }

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  /** A batch of rows is durable. */
  | { readonly kind: 'confirmed'; readonly number: number }
  /** Null: it could not be read. */
  | { readonly kind: 'query_result'; readonly number: number; readonly resources: readonly Resource[] | null }
  | { readonly kind: 'rates'; readonly message: FromLeaseServer }
  | { readonly kind: 'keys'; readonly keys: readonly KeyRecord[] }
  | { readonly kind: 'health'; readonly healthy: boolean }
  | { readonly kind: 'report'; readonly number: number }
  | { readonly kind: 'collected'; readonly number: number; readonly reports: readonly unknown[] }
  | { readonly kind: 'drain' }

/** What a worker has to know before it can begin. */
export interface WorkerStart {
  /** From 0 on; a worker that replaces another one has its number. */
  readonly number: number
  readonly workers: number
  readonly keys: readonly KeyRecord[]
  readonly healthy: boolean
  readonly abandoned: number
  readonly windowMs: number
  readonly port: number
  readonly host: string
  readonly reusePort: boolean
  /** Whatever the program gives its workers to know: plain data. */
  readonly workerConfig: unknown
}
