import cluster from 'node:cluster'

import { GatewayError } from '../errors.ts'
import { randomText } from '../http/request-id.ts'
import { openStore } from '../store/open-store.ts'
import type { JournalPosition } from '../store/sink.ts'
import { createSource, openLedger } from '../ledger/ledger.ts'
import type { OwnLedger } from '../ledger/ledger.ts'
import { monotonicMs } from '../clock.ts'
import { recallMs } from '../leases/lease-server.ts'
import type { FromLeaseServer } from '../leases/message.ts'
import type { Cluster, ClusterOptions } from './cluster.ts'
import { createServerId } from '../budgets/open-budgets.ts'
import { openClusterBudgets } from './cluster-budgets.ts'
import type { ClusterBudgets } from './cluster-budgets.ts'
import { openClusterRates } from './cluster-rates.ts'
import type { ClusterRates } from './cluster-rates.ts'
import type { ClusterWorker } from './cluster-worker.ts'
import { minuteMs } from '../rates/rates.ts'
import type { ToPrimary, ToWorker } from './message.ts'
import { PendingReplies } from './pending-replies.ts'
import { canReusePort, openOnPort } from './probe-port.ts'
import { toFailure } from './worker-failure.ts'

/** Opens the data folder, starts the workers and waits until all of them listen. Throws the error of a worker that cannot. */
export function createCluster(options: ClusterOptions): Promise<Cluster> {
  return openOnPort(options, (port) => openCluster({ ...options, port }))
}

async function openCluster(options: ClusterOptions): Promise<Cluster> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    // Structured clones: messages are mostly JSON text, which JSON would escape again.
    serialization: 'advanced',
    ...(options.program === undefined ? {} : { exec: options.program.exec, args: [...options.program.args] }),
  })
  let primary: ClusterPrimary | null = null
  const ledger = await openLedger({
    dataFolder: options.dataFolder,
    store: options.store,
    durability: options.durability ?? 'process',
    emergencyFolder: options.emergencyFolder,
    retention: options.retention,
    log: options.log,
    waitMs: options.ledgerWaitMs,
    onKeys: (keys) => primary?.broadcast({ kind: 'keys', keys }),
    onStored: (positions) => primary?.sendPositions(positions),
    onFailure: (message) => {
      options.log({ level: 'error', event: 'ledger_failed', message })
      primary?.broadcastHealth()
    },
  })
  const database = await openStore(options, { isLocked: true })
  const rates = await openClusterRates(options, (message, worker) =>
    worker === null ? primary?.broadcast(message) : primary?.post(worker, message),
  )
  const close = async () => {
    await rates.close()
    await database.close()
    await ledger.close()
  }
  const serverId = createServerId(options.dataFolder)
  const budgets = await openClusterBudgets({
    config: options.budgets ?? {},
    builtInKeys: options.builtInKeys ?? [],
    resolveModel: options.resolveModel,
    database,
    workers: options.workers,
    serverId,
    log: options.log,
    proxies: options.proxies,
    post: (worker, message) => primary?.postMoney(worker, message),
    onNews: (news) => primary?.broadcast({ kind: 'budgets', news }),
  }).catch(async (error: unknown) => {
    await close()
    throw error
  })
  primary = new ClusterPrimary(options, { ledger, budgets, rates, close })
  try {
    await primary.start()
  } catch (error) {
    await primary.close()
    throw error
  }
  return primary
}

/** The state that the primary owns, besides its workers. */
interface ClusterStore {
  readonly ledger: OwnLedger
  readonly budgets: ClusterBudgets
  readonly rates: ClusterRates
  /** Closes the ledger and the tables. */
  readonly close: () => Promise<void>
}

class ClusterPrimary implements Cluster {
  url = ''
  port = 0
  readonly #options: ClusterOptions
  readonly #ledger: OwnLedger
  readonly #store: ClusterStore
  readonly #windowMs: number
  readonly #workers = new Map<number, ClusterWorker>()
  readonly #tickTimer: NodeJS.Timeout
  readonly #restarts = new Set<NodeJS.Timeout>()
  #exited: unknown = null
  #knownHealth = true
  #restartMs = minRestartMs
  #closing = false

  constructor(options: ClusterOptions, store: ClusterStore) {
    this.#options = options
    this.#store = store
    this.#ledger = store.ledger
    this.#windowMs = options.windowMs ?? minuteMs
    this.#tickTimer = setInterval(() => {
      store.rates.tick()
      store.budgets.leaseServer.tick()
      this.broadcastHealth()
    }, recallMs / 2)
  }

  get abandonedCalls(): number {
    return this.#ledger.abandoned
  }

  get processIds(): readonly number[] {
    return [...this.#workers.values()].flatMap(({ handle }) => handle.process.pid ?? [])
  }

  async start(): Promise<void> {
    const workers = Array.from({ length: this.#options.workers }, (_, number) => this.#fork(number))
    const [first] = await Promise.all(workers.map(({ listening }) => listening.promise))
    this.url = first?.url ?? ''
    this.port = first?.port ?? 0
  }

  postMoney(worker: number, message: FromLeaseServer): void {
    this.post(worker, { kind: 'money', message })
  }

  post(worker: number, message: ToWorker): void {
    this.#post(this.#workers.get(worker), message)
  }

  broadcast(message: ToWorker): void {
    for (const worker of this.#workers.values()) this.#post(worker, message)
  }

  /** Tells each worker how much of its journal is stored. */
  sendPositions(positions: readonly (readonly [source: string, position: JournalPosition])[]): void {
    const bySource = new Map(positions)
    for (const worker of this.#workers.values()) {
      const position = bySource.get(worker.source)
      if (position !== undefined) this.#post(worker, { kind: 'stored', position })
    }
  }

  broadcastHealth(): void {
    if (this.#ledger.storeHealthy === this.#knownHealth) return
    this.#knownHealth = this.#ledger.storeHealthy
    this.broadcast({ kind: 'health', healthy: this.#knownHealth })
  }

  async collect(): Promise<readonly unknown[]> {
    const reports = [...this.#workers.values()]
      .filter(({ joined }) => joined)
      .map((worker) =>
        // A stuck worker must not delay the others.
        worker.reports.request((number) => this.#post(worker, { kind: 'report', number }), {
          afterMs: reportTimeoutMs,
          resolve: null,
        }),
      )
    await Promise.all(reports)
    // Read together, so that a worker that exited meanwhile is counted exactly once.
    const last = [...this.#workers.values()].map(({ lastReport }) => lastReport)
    return [...last, this.#exited].filter((report) => report !== null)
  }

  async close(): Promise<void> {
    this.#closing = true
    for (const timer of this.#restarts) clearTimeout(timer)
    const workers = [...this.#workers.values()]
    this.broadcast({ kind: 'drain' })
    const killTimer = setTimeout(() => {
      for (const { handle } of workers) handle.process.kill('SIGKILL')
    }, this.#options.endMs)
    await Promise.all(workers.map(({ exited }) => exited))
    clearTimeout(killTimer)
    clearInterval(this.#tickTimer)
    await this.#store.budgets.close()
    await this.#store.close()
  }

  #fork(number: number): ClusterWorker {
    const handle = cluster.fork()
    const listening = Promise.withResolvers<{ url: string; port: number }>()
    // Only the cluster's start awaits it; a replacement that fails is replaced in turn.
    listening.promise.catch(() => {})
    const exited = Promise.withResolvers<void>()
    handle.once('exit', () => exited.resolve())
    const disconnected = new Promise<void>((resolve) => handle.once('disconnect', resolve))
    const worker: ClusterWorker = {
      handle,
      number,
      source: createSource(),
      processId: `${this.#store.budgets.serverId}/${randomText(12)}`,
      startedAtMs: monotonicMs(),
      listening,
      joined: false,
      reports: new PendingReplies(),
      lastReport: null,
      // The exit event may precede the last messages.
      exited: Promise.all([exited.promise, disconnected]).then(() => this.#onExit(worker)),
    }
    this.#workers.set(handle.id, worker)
    handle.on('message', (message: ToPrimary) => this.#onMessage(worker, message))
    handle.on('error', (error) => {
      this.#options.log({ level: 'warn', event: 'worker_error', message: error.message })
      // A process that failed to start (no memory, program deleted) emits no exit event.
      if (handle.process.pid === undefined) exited.resolve()
    })
    return worker
  }

  #onMessage(worker: ClusterWorker, message: ToPrimary): void {
    switch (message.kind) {
      case 'joined':
        return this.#sendStart(worker)
      case 'appended':
        this.#ledger.noteAppended()
        return
      case 'query': {
        const reply = (resources: Extract<ToWorker, { kind: 'query_result' }>['resources']) =>
          this.#post(worker, { kind: 'query_result', number: message.number, resources })
        void this.#ledger.query(message.query).then(reply, () => reply(null))
        return
      }
      case 'rates':
        this.#store.rates.leaseServer.onMessage(worker.handle.id, message.message)
        return
      case 'money':
        this.#store.budgets.leaseServer.onMessage(worker.handle.id, message.message)
        return
      case 'batch_settled':
        this.#store.budgets.owner.book.noteSettled(message.batch)
        return
      case 'budgets_changed':
        void this.#store.budgets.owner.refresh()
        return
      case 'news':
        for (const other of this.#workers.values()) if (other !== worker) this.#post(other, message)
        this.#store.rates.share(message.news)
        return
      case 'listening':
        worker.listening.resolve({ url: message.url, port: message.port })
        return
      case 'failed':
        worker.listening.reject(toFailure(message))
        // For a replacement, nothing else reports the reason.
        if (this.url !== '')
          this.#options.log({ level: 'error', event: 'worker_failed', message: message.message })
        return
      case 'collect':
        void this.collect().then((reports) =>
          this.#post(worker, { kind: 'collected', number: message.number, reports }),
        )
        return
      case 'reported':
        worker.lastReport = message.report
        worker.reports.resolve(message.number, message.report)
    }
  }

  #sendStart(worker: ClusterWorker): void {
    worker.joined = true
    const { workers, workerConfig, port, host } = this.#options
    const { keys, storeHealthy: healthy, abandoned } = this.#ledger
    const { number, source, processId } = worker
    const start = { number, source, processId, workers, keys, healthy, abandoned, workerConfig }
    const address = { port, host, reusePort: canReusePort }
    const { budgets, rates } = this.#store
    const news = budgets.owner.getNews()
    const leases = { budgets: news, windowMs: this.#windowMs, leasesUntilMs: rates.validUntilMs }
    this.#post(worker, { kind: 'start', start: { ...start, ...address, ...leases } })
    // It joined after `close` broadcast its drain message.
    if (this.#closing) this.#post(worker, { kind: 'drain' })
  }

  /** Cleans up after a worker: closes its open calls, reclaims its leases, and starts a replacement. */
  #onExit(worker: ClusterWorker): void {
    const { handle, number, source, processId, startedAtMs, listening, reports, lastReport } = worker
    this.#workers.delete(handle.id)
    this.#exited = this.#options.addExited?.(this.#exited, lastReport) ?? null
    const { budgets, rates } = this.#store
    const { owner, leaseServer } = budgets
    rates.leaseServer.forget(handle.id)
    leaseServer.forget(handle.id)
    void this.#ledger.finish(source).then(() => owner.reconcile(handle.id, processId))
    reports.resolveAll(null)
    const { exitCode, signalCode } = handle.process
    listening.reject(new GatewayError('worker_failed', `a worker ended with ${signalCode ?? exitCode}`))
    if (this.#closing) return
    this.#options.log({
      level: 'error',
      event: 'worker_died',
      message: `worker ${number} (process ${handle.process.pid}) ended with ${signalCode ?? exitCode} and is replaced`,
    })
    if (monotonicMs() - startedAtMs > stableMs) this.#restartMs = minRestartMs
    // Back off so that a crash loop does not keep the machine busy.
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#fork(number)
    }, this.#restartMs)
    this.#restarts.add(timer)
    this.#restartMs = Math.min(2 * this.#restartMs, maxRestartMs)
  }

  #post(worker: ClusterWorker | undefined, message: ToWorker): void {
    // A disconnected worker may still be listed until `#onExit`.
    if (worker?.joined === true && worker.handle.isConnected()) worker.handle.send(message, () => {})
  }
}

/** Deadline for a worker to report. */
const reportTimeoutMs = 1_000

const minRestartMs = 10
const maxRestartMs = 10_000

/** After this uptime an exit does not count as part of a crash loop. */
const stableMs = 10_000
