import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { createServer } from 'node:net'

import { GatewayError } from '../errors.ts'
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
  /** What the workers are told: plain data. */
  readonly workerConfig: unknown
  readonly log: Log
  /** How long a worker may take to end once it is asked to; then it is killed. */
  readonly endMs: number
  /** How long a commit may take at the end. */
  readonly ledgerWaitMs: number
  /** The window of the rate limits: a minute; tests may have shorter ones. */
  readonly windowMs?: number
  /** Adds the last report of a worker that is gone to what is kept of earlier ones; without it nothing is kept of them. */
  readonly addExited?: (exited: unknown, report: unknown) => unknown
  /** The program that a worker runs, and what follows it; default: this one's. */
  readonly program?: { readonly exec: string; readonly args: readonly string[] }
}

/** Processes that serve one port together, and what they share: the ledger's writer, the keys, the rate limits. */
export interface Cluster {
  readonly url: string
  readonly port: number
  /** Calls of an earlier process that had no end. */
  readonly abandonedCalls: number
  /** Of the workers that are there now. */
  readonly processIds: readonly number[]
  /** What every worker reports now, a stuck one what it reported last, and what is kept of those that are gone. */
  collect(): Promise<readonly unknown[]>
  /** Lets the workers' calls come to their end, and closes the ledger behind them. */
  close(): Promise<void>
}

/**
 * Opens the data folder, starts the workers and waits until all of them listen.
 * Throws what keeps one of them from it, such as a port in use.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    // Structured clones: what is said is text in the main, and JSON would escape it once more.
    serialization: 'advanced',
    ...(options.program === undefined ? {} : { exec: options.program.exec, args: [...options.program.args] }),
  })
  let primary: ClusterPrimary | null = null
  const port = await probePort(options)
  const ledger = await openLedger({
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
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

/** A process, from its start to its end. */
interface ClusterWorker {
  readonly handle: Worker
  readonly number: number
  /** Under which the ledger knows its rows; a replacement has another one. */
  readonly source: string
  readonly startedAtMs: number
  readonly listening: PromiseWithResolvers<{ readonly url: string; readonly port: number }>
  /** Before it has asked for its start it is told nothing; the start says all. */
  joined: boolean
  /** What it was asked to report; null where it cannot. */
  readonly reports: PendingReplies<unknown>
  /** What it reported last; null before that. */
  lastReport: unknown
  /** Resolves when the process has ended and all that it said was heard. */
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
   * Everybody is told here and nowhere else. A worker that took a confirmed batch for good news would not hear of a
   * commit that fails before the others have heard of the one that did not.
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
        // One that is stuck must not hold up the others.
        worker.reports.request((number) => this.#post(worker, { kind: 'report', number }), {
          afterMs: reportTimeoutMs,
          resolve: null,
        }),
      )
    await Promise.all(reports)
    // Read together, so that one that died meanwhile is in one of both and not in both.
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
    // Only the fleet's start waits for it; a replacement that fails is replaced in its turn.
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
      // The end of a process may be told before its last words are read.
      exited: Promise.all([exited.promise, disconnected]).then(() => this.#onExit(worker)),
    }
    this.#workers.set(handle.id, worker)
    handle.on('message', (message: ToPrimary) => this.#onMessage(worker, message))
    handle.on('error', (error) => {
      this.#options.log({ level: 'warn', event: 'worker_error', message: error.message })
      // What never began (no memory, no program any more) has no end that anybody would tell of.
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
        // Of one that replaces another nobody else would say why it ends.
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
    // Whoever joins while the end has begun has to be told as well.
    if (this.#closing) this.#post(worker, { kind: 'drain' })
  }

  /** What a dead worker leaves behind: calls without an end, what it was lent, and its place. */
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
    // One that dies again and again must not keep the machine busy with its births.
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#fork(number)
    }, this.#restartMs)
    this.#restarts.add(timer)
    this.#restartMs = Math.min(2 * this.#restartMs, maxRestartMs)
  }

  #post(worker: ClusterWorker | undefined, message: ToWorker): void {
    // One that is about to be buried hears nothing more.
    if (worker?.joined === true && worker.handle.isConnected()) worker.handle.send(message, () => {})
  }
}

/**
 * Where several processes may listen on one port, the system deals out the
 * connections, and drops those of a dead process: its clients hear of it. The
 * round robin of node:cluster, everywhere else, leaves open for ever what it
 * handed to a process that was about to die.
 */
const canReusePort = process.platform === 'linux' || process.platform === 'freebsd'

/** The workers would not notice another server there that lets them in; and one that is replaced must find the port again. */
async function probePort({ port, host }: ClusterOptions): Promise<number> {
  const probe = createServer()
  const found = await listen(probe, { port, host, scheme: 'http' })
  await new Promise((resolve) => probe.close(resolve))
  return found.port
}

/** How long a worker may take to report. */
const reportTimeoutMs = 1_000

const minRestartMs = 10
const maxRestartMs = 10_000

/** A worker that lived so long did not die of its start. */
const stableMs = 10_000

function toFailure({ code, message, hint }: Extract<ToPrimary, { kind: 'failed' }>): Error {
  if (code === null) return new Error(message)
  return new GatewayError(code, message, hint === undefined ? {} : { hint })
}
