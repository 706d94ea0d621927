import cluster from 'node:cluster'

import { GatewayError } from '../errors.ts'
import { LeasedMoney } from '../budgets/leased-money.ts'
import { monotonicMs } from '../clock.ts'
import { createLeaseClient, reportMs } from '../leases/lease-client.ts'
import type { LeaseClient } from '../leases/lease-client.ts'
import type { JournalOptions } from '../ledger/ledger.ts'
import type { ToPrimary, ToWorker, WorkerStart } from './message.ts'
import { createNewsGroups } from '../routing/process-news.ts'
import type { NewsChannel } from '../routing/process-news.ts'
import { PendingReplies } from './pending-replies.ts'
import { WorkerLedger } from './worker-ledger.ts'
import type { LedgerListeners } from './worker-ledger.ts'

/** A worker's connection to the primary, and the state it shares with the other workers. */
export interface WorkerClient {
  readonly number: number
  readonly workers: number
  readonly workerConfig: unknown
  /** All workers listen on this port. */
  readonly port: number
  readonly host: string
  /** True if the kernel distributes the connections to the workers; otherwise the primary does. */
  readonly reusePort: boolean
  /** Options of a worker's rates. */
  readonly rates: { readonly leaseClient: LeaseClient; readonly windowMs: number }
  /** Connects what this process knows with the other processes. */
  readonly news: NewsChannel
  /** Leases of the primary's budgets. */
  readonly money: LeasedMoney
  /** Identifies this process in the rows of its calls. */
  readonly processId: string
  /** Makes the primary read the table of budgets now. */
  reportBudgetChange(): void
  openLedger(options: JournalOptions & LedgerListeners): Promise<WorkerLedger>
  /** Reports that this worker accepts calls. */
  listening(address: { readonly url: string; readonly port: number }): void
  /** Reports why this worker cannot accept calls. */
  failed(error: unknown): void
  /** Resolves when the primary drains the worker: running calls may finish. */
  readonly draining: Promise<void>
  /** Sets the function that makes this worker's report. */
  setReport(report: () => unknown): void
  /** The current reports of all workers, including this one. */
  collect(): Promise<readonly unknown[]>
  /** Disconnects from the primary; the process exits when nothing else keeps it running. */
  leave(): void
}

/** True in a process that `createCluster` started. */
export function isClusterWorker(): boolean {
  return cluster.isWorker
}

/**
 * Connects to the primary and waits for the start message. When the primary dies,
 * the worker exits. Workers ignore signals, because a terminal sends them to every
 * process; the primary decides.
 */
export function joinCluster(): Promise<WorkerClient> {
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  return new Promise((resolve) => {
    process.once('message', (first: ToWorker) => {
      // The first message is always `start`.
      if (first.kind === 'start') resolve(new ClusterWorkerClient(first.start))
    })
    post({ kind: 'joined' })
  })
}

class ClusterWorkerClient implements WorkerClient {
  readonly number: number
  readonly workers: number
  readonly workerConfig: unknown
  readonly port: number
  readonly host: string
  readonly reusePort: boolean
  readonly rates: WorkerClient['rates']
  readonly draining: Promise<void>
  readonly news: NewsChannel
  readonly money: LeasedMoney
  readonly processId: string
  readonly #moneyLeases: LeaseClient
  #start: WorkerStart
  /** The time until which leases of rates may be used. */
  readonly #validity: { untilMs: number }
  readonly #drain: () => void
  readonly #collections = new PendingReplies<readonly unknown[]>()
  readonly #tickTimer: NodeJS.Timeout
  #ledger: WorkerLedger | null = null
  #report: () => unknown = () => null
  #onShared: Parameters<NewsChannel['onShared']>[0] = () => {}

  constructor(start: WorkerStart) {
    this.#start = start
    this.#validity = { untilMs: start.leasesUntilMs ?? Infinity }
    this.number = start.number
    this.workers = start.workers
    this.workerConfig = start.workerConfig
    this.port = start.port
    this.host = start.host
    this.reusePort = start.reusePort
    const draining = Promise.withResolvers<void>()
    this.draining = draining.promise
    this.#drain = draining.resolve
    const { windowMs } = start
    const leaseClient = createLeaseClient({
      post: (message) => post({ kind: 'rates', message }),
      nowMs: monotonicMs,
      windowMs,
      validity: this.#validity,
    })
    this.rates = { leaseClient, windowMs }
    this.news = {
      share: createNewsGroups({ intervalMs: 20, send: (news) => post({ kind: 'news', news }) }),
      onShared: (listener) => (this.#onShared = listener),
    }
    this.processId = start.processId
    this.#moneyLeases = createLeaseClient({
      post: (message) => post({ kind: 'money', message }),
      nowMs: monotonicMs,
      // A denial is true for the moment only: another call may settle at any time.
      windowMs: 0,
    })
    this.money = new LeasedMoney(this.#moneyLeases, start.budgets, {
      nowMs: Date.now,
      postSettled: (batch) => {
        // The primary has to know a batch of this worker before it is settled.
        this.#moneyLeases.tick()
        post({ kind: 'batch_settled', batch })
      },
    })
    this.#tickTimer = setInterval(() => {
      leaseClient.tick()
      this.#moneyLeases.tick()
      this.money.sweep()
    }, reportMs)
    this.#tickTimer.unref()
    process.on('message', (message: ToWorker) => this.#onMessage(message))
  }

  openLedger(options: JournalOptions & LedgerListeners): Promise<WorkerLedger> {
    this.#ledger = new WorkerLedger(this.#start, options, post)
    return Promise.resolve(this.#ledger)
  }

  listening({ url, port }: { readonly url: string; readonly port: number }): void {
    post({ kind: 'listening', url, port })
  }

  failed(error: unknown): void {
    const known = error instanceof GatewayError ? error : null
    const message = error instanceof Error ? error.message : String(error)
    post({ kind: 'failed', code: known?.code ?? null, message, hint: known?.hint })
  }

  reportBudgetChange(): void {
    post({ kind: 'budgets_changed' })
  }

  setReport(report: () => unknown): void {
    this.#report = report
  }

  collect(): Promise<readonly unknown[]> {
    return this.#collections.request((number) => post({ kind: 'collect', number }))
  }

  leave(): void {
    clearInterval(this.#tickTimer)
    // Usage since the last report must not be lost with this process.
    this.rates.leaseClient.tick()
    this.#moneyLeases.tick()
    cluster.worker?.disconnect()
  }

  #onMessage(message: ToWorker): void {
    switch (message.kind) {
      case 'keys':
      case 'health':
        // Before `openLedger`, update the state that the ledger will start with.
        this.#start = { ...this.#start, ...message }
        this.#ledger?.onMessage(message)
        return
      case 'stored':
      case 'query_result':
        this.#ledger?.onMessage(message)
        return
      case 'rates':
        this.rates.leaseClient.onMessage(message.message)
        return
      case 'money':
        this.#moneyLeases.onMessage(message.message)
        return
      case 'budgets':
        this.money.setNews(message.news)
        return
      case 'lease_validity':
        this.#validity.untilMs = message.untilMs
        return
      case 'leases_expired':
        this.rates.leaseClient.expire()
        return
      case 'news':
        this.#onShared(message.news)
        return
      case 'report':
        post({ kind: 'reported', number: message.number, report: this.#report() })
        return
      case 'collected':
        this.#collections.resolve(message.number, message.reports)
        return
      case 'drain':
        this.#drain()
        return
      case 'start':
        return
    }
  }
}

/** This process exits with its primary, so a failed send needs no handling. */
function post(message: ToPrimary): void {
  process.send?.(message, undefined, undefined, () => {})
}
