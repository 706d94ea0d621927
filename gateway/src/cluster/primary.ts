import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { createServer } from 'node:net'

import { GatewayError } from '../errors.ts'
import { readRetention } from '../store/retention.ts'
import type { RetentionConfig } from '../store/retention.ts'
import type { Durability } from '../store/sqlite/database.ts'
import { openLedger } from '../ledger/ledger.ts'
import type { OwnLedger } from '../ledger/ledger.ts'
import { listen } from '../port/listen.ts'
import type { Log } from '../log.ts'
import { monotonicMs } from '../clock.ts'
import { createLeaseServer, recallMs } from '../leases/lease-server.ts'
import type { LeaseServer } from '../leases/lease-server.ts'
import { minuteMs } from '../rates/rates.ts'
import type { ToPrimary, ToWorker } from './message.ts'
import { PendingReplies } from './pending-replies.ts'

export interface ClusterOptions {
  readonly workers: number
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  readonly dataFolder: string
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

/**
 * Opens the data folder, starts the workers and waits until all of them listen.
 * Throws the error of a worker that cannot, such as a port in use.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    // Structured clones: messages are mostly JSON text, which JSON would escape again.
    serialization: 'advanced',
    ...(options.program === undefined ? {} : { exec: options.program.exec, args: [...options.program.args] }),
  })
  let primary: ClusterPrimary | null = null
  const port = await probePort(options)
  const ledger = await openLedger({
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
    emergencyFolder: options.emergencyFolder,
    retention: readRetention(options.retention ?? {}),
    log: options.log,
    waitMs: options.ledgerWaitMs,
    onKeys: (keys) => primary?.broadcast({ kind: 'keys', keys }),
    onFailure: (message) => {
      options.log({ level: 'error', event: 'ledger_failed', message })
      primary?.broadcastHealth()
    },
  })
  primary = new ClusterPrimary({ ...options, port }, ledger)
  try {
    await primary.start()
  } catch (error) {
    await primary.close()
    throw error
  }
  return primary
}

/** One worker process. */
interface ClusterWorker {
  readonly handle: Worker
  readonly number: number
  /** The source of its rows in the ledger; a replacement has another one. */
  readonly source: string
  readonly startedAtMs: number
  readonly listening: PromiseWithResolvers<{ readonly url: string; readonly port: number }>
  /** Until it requests its start message it is sent nothing; that message contains all current state. */
  joined: boolean
  /** Pending report requests; null if it cannot report. */
  readonly reports: PendingReplies<unknown>
  /** Its last report; null before the first one. */
  lastReport: unknown
  /** Resolves when the process has exited and all of its messages are handled. */
  readonly exited: Promise<void>
}

class ClusterPrimary implements Cluster {
  url = ''
  port = 0
  readonly #options: ClusterOptions
  readonly #ledger: OwnLedger
  readonly #leaseServer: LeaseServer
  readonly #windowMs: number
  readonly #workers = new Map<number, ClusterWorker>()
  readonly #tickTimer: NodeJS.Timeout
  readonly #restarts = new Set<NodeJS.Timeout>()
  #exited: unknown = null
  #knownHealth = true
  #restartMs = minRestartMs
  #closing = false

  constructor(options: ClusterOptions, ledger: OwnLedger) {
    this.#options = options
    this.#ledger = ledger
    this.#windowMs = options.windowMs ?? minuteMs
    this.#leaseServer = createLeaseServer({
      post: (worker, message) => this.#post(this.#workers.get(worker), { kind: 'rates', message }),
      nowMs: monotonicMs,
      windowMs: this.#windowMs,
      workers: options.workers,
    })
    this.#tickTimer = setInterval(() => {
      this.#leaseServer.tick()
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

  broadcast(message: ToWorker): void {
    for (const worker of this.#workers.values()) this.#post(worker, message)
  }

  /**
   * The only place that sends the ledger's health. A worker that inferred health from a confirmed batch would stay
   * wrong if the next commit failed before this broadcast: then nothing changes here, and nothing is sent.
   */
  broadcastHealth(): void {
    if (this.#ledger.healthy === this.#knownHealth) return
    this.#knownHealth = this.#ledger.healthy
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
    await this.#ledger.close()
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
      source: `worker ${handle.id}`,
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
      case 'rows':
        void this.#ledger
          .deliver(worker.source, message.batch)
          .then(() => this.#confirm(worker, message.number))
        return
      case 'query': {
        const reply = (resources: Extract<ToWorker, { kind: 'query_result' }>['resources']) =>
          this.#post(worker, { kind: 'query_result', number: message.number, resources })
        void this.#ledger.query(message.query).then(reply, () => reply(null))
        return
      }
      case 'rates':
        this.#leaseServer.onMessage(worker.handle.id, message.message)
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

  #confirm(worker: ClusterWorker, number: number): void {
    this.broadcastHealth()
    this.#post(worker, { kind: 'confirmed', number })
  }

  #sendStart(worker: ClusterWorker): void {
    worker.joined = true
    const { workers, workerConfig, port, host } = this.#options
    const { keys, healthy, abandoned } = this.#ledger
    const start = { number: worker.number, workers, keys, healthy, abandoned, workerConfig }
    const address = { port, host, reusePort: canReusePort }
    this.#post(worker, { kind: 'start', start: { ...start, ...address, windowMs: this.#windowMs } })
    // It joined after `close` broadcast its drain message.
    if (this.#closing) this.#post(worker, { kind: 'drain' })
  }

  /** Cleans up after a worker: closes its open calls, reclaims its leases, and starts a replacement. */
  #onExit({ handle, number, source, startedAtMs, listening, reports, lastReport }: ClusterWorker): void {
    this.#workers.delete(handle.id)
    this.#exited = this.#options.addExited?.(this.#exited, lastReport) ?? null
    this.#leaseServer.forget(handle.id)
    void this.#ledger.abandon(source)
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

/**
 * With SO_REUSEPORT the kernel distributes the connections, and closes those of a
 * process that dies, so its clients notice. On other systems node:cluster
 * distributes them in turn, and a connection handed to a dying process stays open
 * forever.
 */
const canReusePort = process.platform === 'linux' || process.platform === 'freebsd'

/** With SO_REUSEPORT a bind succeeds beside another server, so probe exclusively first; the fixed port also lets a replacement rebind. */
async function probePort({ port, host }: ClusterOptions): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, { port, host, scheme: 'http' })
  await new Promise((resolve) => probe.close(resolve))
  return found.port
}

/** Deadline for a worker to report. */
const reportTimeoutMs = 1_000

const minRestartMs = 10
const maxRestartMs = 10_000

/** After this uptime an exit does not count as part of a crash loop. */
const stableMs = 10_000

function toFailure({ code, message, hint }: Extract<ToPrimary, { kind: 'failed' }>): Error {
  if (code === null) return new Error(message)
  return new GatewayError(code, message, hint === undefined ? {} : { hint })
}
