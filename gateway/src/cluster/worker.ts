import cluster from 'node:cluster'

import { GatewayError } from '../errors.ts'
import { monotonicMs } from '../clock.ts'
import { createLeaseClient, reportMs } from '../leases/lease-client.ts'
import type { LeaseClient } from '../leases/lease-client.ts'
import type { ToPrimary, ToWorker, WorkerStart } from './message.ts'
import { PendingReplies } from './pending-replies.ts'
import { WorkerLedger } from './worker-ledger.ts'
import type { LedgerListeners } from './worker-ledger.ts'

/** A worker's place in the fleet: what it shares with the others, and what it hears from the primary. */
export interface WorkerClient {
  readonly number: number
  readonly workers: number
  readonly workerConfig: unknown
  /** Where all workers listen. */
  readonly port: number
  readonly host: string
  /** The system deals the connections out to the workers; else the primary does. */
  readonly reusePort: boolean
  /** What the rates of a worker need beside their limits. */
  readonly rates: { readonly leaseClient: LeaseClient; readonly windowMs: number }
  openLedger(listeners: LedgerListeners): Promise<WorkerLedger>
  /** Tells the primary that calls are taken. */
  listening(address: { readonly url: string; readonly port: number }): void
  /** Tells the primary why no call can be taken. */
  failed(error: unknown): void
  /** Resolves when the primary wants the end: calls that run are let to theirs. */
  readonly draining: Promise<void>
  /** What this worker answers when somebody collects. */
  setReport(report: () => unknown): void
  /** What every worker reports now, this one included. */
  collect(): Promise<readonly unknown[]>
  /** Leaves the fleet; the process ends when nothing else keeps it. */
  leave(): void
}

/** True in a process that `createFleet` started. */
export function isClusterWorker(): boolean {
  return cluster.isWorker
}

/**
 * Takes this worker's place. When the primary dies, so does the worker; signals
 * are the primary's to judge, because a terminal sends them to everybody.
 */
export function joinCluster(): Promise<WorkerClient> {
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  return new Promise((resolve) => {
    process.once('message', (first: ToWorker) => {
      // The primary's first word is always this one.
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
  #start: WorkerStart
  readonly #drain: () => void
  readonly #collections = new PendingReplies<readonly unknown[]>()
  readonly #tickTimer: NodeJS.Timeout
  #ledger: WorkerLedger | null = null
  #report: () => unknown = () => null

  constructor(start: WorkerStart) {
    this.#start = start
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
    })
    this.rates = { leaseClient, windowMs }
    this.#tickTimer = setInterval(() => leaseClient.tick(), reportMs)
    this.#tickTimer.unref()
    process.on('message', (message: ToWorker) => this.#onMessage(message))
  }

  openLedger(listeners: LedgerListeners): Promise<WorkerLedger> {
    this.#ledger = new WorkerLedger(this.#start, listeners, post)
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

  setReport(report: () => unknown): void {
    this.#report = report
  }

  collect(): Promise<readonly unknown[]> {
    return this.#collections.request((number) => post({ kind: 'collect', number }))
  }

  leave(): void {
    clearInterval(this.#tickTimer)
    // What was used since the last report must not be lost with this process.
    this.rates.leaseClient.tick()
    cluster.worker?.disconnect()
  }

  #onMessage(message: ToWorker): void {
    switch (message.kind) {
      case 'keys':
      case 'health':
        // Until the ledger is opened this is what it will begin with.
        this.#start = { ...this.#start, ...message }
        this.#ledger?.onMessage(message)
        return
      case 'confirmed':
      case 'query_result':
        this.#ledger?.onMessage(message)
        return
      case 'rates':
        this.rates.leaseClient.onMessage(message.message)
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

/** A primary that is gone takes this process with it, so a message that cannot be sent needs no handling. */
function post(message: ToPrimary): void {
  process.send?.(message, undefined, undefined, () => {})
}
