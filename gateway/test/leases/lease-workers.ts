import { resolve } from '@anthology/catalog'

import { createBuiltInKey } from '../../src/auth/key-ring.ts'
import type { Key } from '../../src/auth/key-ring.ts'
import type { RateLimits } from '../../src/leases/allowance.ts'
import { createLeaseServer } from '../../src/leases/lease-server.ts'
import type { LeaseServer } from '../../src/leases/lease-server.ts'
import type { FromLeaseServer, ToLeaseServer } from '../../src/leases/message.ts'
import { createLeaseClient } from '../../src/leases/lease-client.ts'
import type { LeaseClient } from '../../src/leases/lease-client.ts'
import { createRateWindows, createRates } from '../../src/rates/rates.ts'
import type { RatePermit, RateTaken, Rates } from '../../src/rates/rates.ts'

export const key: Key = createBuiltInKey('key_one', 'one')

export function model(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model '${name}'`)
  return found.model
}

export const haiku = model('claude-haiku-4-5')
export const estimate = { inputTokens: 100, maxTokens: 50 }

/** Workers and their primary in one thread, with a clock and messages that the test controls. */
export interface Cluster {
  readonly nowMs: number
  readonly rates: readonly Rates[]
  /** Delivers the oldest message of a channel, or of the next one that has any; false if there is none. */
  deliver(way: number): Promise<boolean>
  /** Delivers all of a worker's messages in one turn of the event loop, before any awaiting call resumes. */
  deliverTogether(worker: number): Promise<void>
  /** Delivers all messages, including those that they cause. */
  settleMessages(): Promise<void>
  /** Makes a worker report, and delivers its messages to the primary. */
  report(worker: number): Promise<void>
  /** Advances the clock in steps, and runs all timers in each. */
  pass(ms: number): Promise<void>
  kill(worker: number): void
  /** Replaces a killed worker. */
  restart(worker: number): void
  /** Stops a worker: nothing runs in it, and its messages in both directions stay queued. */
  stop(worker: number): void
  go(worker: number): void
}

export function createCluster(workers: number, limits: RateLimits, windowMs = 60_000): Cluster {
  let nowMs = 1_000
  const clock = () => nowMs
  // Every process has a new id, also a replacement.
  let lastId = -1
  const testWorkers = Array.from({ length: workers }, () => start())
  const leaseServer: LeaseServer = createLeaseServer({
    post: (id, message) =>
      void testWorkers.find((testWorker) => testWorker.id === id)?.down.push(clone(message)),
    nowMs: clock,
    idleMs: 2 * windowMs,
    createLimits: (_, terms) => createRateWindows(terms, windowMs),
    workers,
  })

  function start(): TestWorker {
    const [up, down]: [ToLeaseServer[], FromLeaseServer[]] = [[], []]
    const leaseClient = createLeaseClient({
      post: (message) => void up.push(clone(message)),
      nowMs: clock,
      windowMs,
    })
    const rates = createRates({ getLimits: () => limits, nowMs: clock, wallMs: clock, windowMs, leaseClient })
    return { id: (lastId += 1), up, down, leaseClient, rates, runs: true }
  }

  async function deliver(way: number): Promise<boolean> {
    for (let tried = 0; tried < 2 * workers; tried += 1) {
      const at = (way + tried) % (2 * workers)
      const testWorker = testWorkers[at % workers]
      if (testWorker?.runs !== true) continue
      const [sent, received] =
        at < workers ? [testWorker.up.shift(), undefined] : [undefined, testWorker.down.shift()]
      if (sent === undefined && received === undefined) continue
      if (sent !== undefined) leaseServer.onMessage(testWorker.id, sent)
      if (received !== undefined) testWorker.leaseClient.onMessage(received)
      // Resume awaiting calls before the next message.
      await new Promise((done) => setImmediate(done))
      return true
    }
    return false
  }

  async function settleMessages(): Promise<void> {
    // Few calls need few messages; more means that processes answer each other forever.
    for (let count = 0; await deliver(0); count += 1)
      if (count > 5_000) throw new Error('the messages have no end')
  }

  return {
    get nowMs() {
      return nowMs
    },
    get rates() {
      return testWorkers.map(({ rates }) => rates)
    },
    deliver,
    settleMessages,
    async deliverTogether(worker) {
      const testWorker = testWorkers[worker]
      for (const message of testWorker?.down.splice(0) ?? []) testWorker?.leaseClient.onMessage(message)
      await new Promise((done) => setImmediate(done))
    },
    async report(worker) {
      const testWorker = testWorkers[worker]
      testWorker?.leaseClient.tick()
      for (const message of testWorker?.up.splice(0) ?? [])
        leaseServer.onMessage(testWorker?.id ?? -1, message)
      await new Promise((done) => setImmediate(done))
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        nowMs += Math.min(100, left)
        for (const { runs, leaseClient } of testWorkers) if (runs) leaseClient.tick()
        leaseServer.tick()
      }
    },
    kill(worker) {
      const testWorker = testWorkers[worker]
      if (testWorker === undefined) return
      testWorker.runs = false
      testWorker.up.splice(0)
      leaseServer.forget(testWorker.id)
    },
    restart(worker) {
      testWorkers[worker] = start()
    },
    stop(worker) {
      setRunning(worker, false)
    },
    go(worker) {
      setRunning(worker, true)
    },
  }

  function setRunning(worker: number, runs: boolean): void {
    const testWorker = testWorkers[worker]
    if (testWorker !== undefined) testWorker.runs = runs
  }
}

interface TestWorker {
  readonly id: number
  readonly up: ToLeaseServer[]
  readonly down: FromLeaseServer[]
  readonly leaseClient: LeaseClient
  readonly rates: Rates
  runs: boolean
}

/** A copy of plain data, as the other process receives it. */
function clone<T>(message: T): T {
  return structuredClone(message)
}

/** Takes a call at a worker, and adds the result to `taken` when it is known. */
export function startTaking(
  cluster: Cluster,
  worker: number,
  taken: RateTaken[],
  asked: { readonly inputTokens: number; readonly maxTokens: number | null } = estimate,
): void {
  void Promise.resolve(cluster.rates[worker]?.take(key, haiku, asked)).then(
    (one) => one !== undefined && taken.push(one),
  )
}

/** Admits a call without starting it. */
export async function hold(
  cluster: Cluster,
  worker: number,
  asked?: { readonly inputTokens: number; readonly maxTokens: number | null },
): Promise<RatePermit> {
  const taken: RateTaken[] = []
  startTaking(cluster, worker, taken, asked)
  await cluster.settleMessages()
  const [permit] = taken
  if (permit?.ok !== true) throw new Error('it was refused')
  return permit
}

/** Takes and starts one call after another at the given workers, with all messages delivered in between. */
export async function takeAll(cluster: Cluster, workers: readonly number[]): Promise<readonly RateTaken[]> {
  const taken: RateTaken[] = []
  for (const worker of workers) {
    const one = cluster.rates[worker]?.take(key, haiku, estimate)
    if (one instanceof Promise) await cluster.settleMessages()
    const result = await one
    if (result?.ok === true) result.start()
    if (result !== undefined) taken.push(result)
  }
  return taken
}
