import type { RetentionConfig } from '../store/retention.ts'
import type { Resolution } from '@anthology/catalog'

import type { BudgetsConfig } from '../budgets/budget-config.ts'
import type { Log } from '../log.ts'
import type { Durability } from '../store/sqlite/database.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'

export interface ClusterOptions {
  readonly workers: number
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  /** The URL of a PostgreSQL that holds all tables; default: SQLite in the data folder. */
  readonly store?: string | undefined
  readonly durability?: Durability
  /** The folder for ledger rows that the data folder cannot take. */
  readonly emergencyFolder?: string | undefined
  /** The time for which calls and their sums are kept. Default: forever. */
  readonly retention?: RetentionConfig | undefined
  /** The program's own configuration for its workers: plain data. */
  readonly workerConfig: unknown
  readonly log: Log
  /** Time that a worker may take to exit after `drain`; then it is killed. */
  readonly endMs: number
  /** Time that commits may take while the ledger closes. */
  readonly ledgerWaitMs: number
  /** The window of the rate limits. Default: a minute; tests may shorten it. */
  readonly windowMs?: number
  /** Budgets, and what else the configuration says about money. */
  readonly budgets?: BudgetsConfig | undefined
  /** Keys that are not in the store. */
  /** The way to the webhooks. Default: no proxy. */
  readonly proxies?: Pick<ProxyChoice, 'choose'> | undefined
  readonly builtInKeys?: readonly { readonly id: string; readonly name: string }[]
  readonly resolveModel?: (name: string) => Resolution
  /** Adds the last report of an exited worker to those of earlier ones. Default: they are dropped. */
  readonly addExited?: (exited: unknown, report: unknown) => unknown
  /** The program that a worker runs, and its arguments. Default: those of this process. */
  readonly program?: { readonly exec: string; readonly args: readonly string[] }
}

/** Worker processes that serve one port, and the state they share: the ledger's writer, the keys, the rate limits. */
export interface Cluster {
  readonly url: string
  readonly port: number
  /** Calls of an earlier process that never ended. */
  readonly abandonedCalls: number
  /** The current workers. */
  readonly processIds: readonly number[]
  /** A new report of every worker (the last one of a stuck worker), and the sum of the exited ones. */
  collect(): Promise<readonly unknown[]>
  /** Drains the workers, then closes the ledger. */
  close(): Promise<void>
}
