import { resolve } from '@anthology/catalog'

import type { Key } from '../../src/auth/key-ring.ts'
import type { RateLimits } from '../../src/leases/allowance.ts'
import { createLeaseServer } from '../../src/leases/lease-server.ts'
import type { LeaseServer } from '../../src/leases/lease-server.ts'
import type { FromLeaseServer, ToLeaseServer } from '../../src/leases/message.ts'
import { createLeaseClient } from '../../src/leases/lease-client.ts'
import type { LeaseClient } from '../../src/leases/lease-client.ts'
import { createRates } from '../../src/rates/rates.ts'
import type { RatePermit, RateTaken, Rates } from '../../src/rates/rates.ts'

export const key: Key = { id: 'key_one', name: 'one', models: null }

export function model(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model '${name}'`)
  return found.model
}

export const haiku = model('claude-haiku-4-5')
export const estimate = { inputTokens: 100, maxTokens: 50 }

/** Workers and their primary in one thread, on a clock and with messages that only move when told to. */
export interface Cluster {
  readonly nowMs: number
  readonly rates: readonly Rates[]
  /** Delivers the oldest message of one of the ways between the processes; false when none is under way. */
  deliver(way: number): Promise<boolean>
  /** Delivers all that a worker is to hear at once: what is read together is heard in one turn, before any promise goes on. */
  deliverTogether(worker: number): Promise<void>
  /** Delivers all messages, and those that they cause. */
  settleMessages(): Promise<void>
  /** Has a worker report, and the primary hear what it said so far. */
  report(worker: number): Promise<void>
  /** Lets time pass in steps in which everybody's timers run. */
  pass(ms: number): Promise<void>
  kill(worker: number): void
  /** Another process in the place of one that was killed. */
  restart(worker: number): void
  /** Nothing runs in a worker that is stopped, and what is said to it and by it lies where it is. */
  stop(worker: number): void
  go(worker: number): void
}

export function createCluster(workers: number, limits: RateLimits, windowMs = 60_000): Cluster {
  let nowMs = 1_000
  const clock = () => nowMs
  // The primary numbers processes on, whatever place they have.
  let lastId = -1
  const members = Array.from({ length: workers }, () => start())
  const leaseServer: LeaseServer = createLeaseServer({
    post: (id, message) => void members.find((member) => member.id === id)?.down.push(wired(message)),
    nowMs: clock,
    windowMs,
    workers,
  })

  function start(): Member {
    const [up, down]: [ToLeaseServer[], FromLeaseServer[]] = [[], []]
    const leaseClient = createLeaseClient({
      post: (message) => void up.push(wired(message)),
      nowMs: clock,
      windowMs,
    })
    const rates = createRates({ getLimits: () => limits, nowMs: clock, wallMs: clock, windowMs, leaseClient })
    return { id: (lastId += 1), up, down, leaseClient, rates, runs: true }
  }

  async function deliver(way: number): Promise<boolean> {
    for (let tried = 0; tried < 2 * workers; tried += 1) {
      const at = (way + tried) % (2 * workers)
      const member = members[at % workers]
      if (member?.runs !== true) continue
      const [said, told] = at < workers ? [member.up.shift(), undefined] : [undefined, member.down.shift()]
      if (said === undefined && told === undefined) continue
      if (said !== undefined) leaseServer.onMessage(member.id, said)
      if (told !== undefined) member.leaseClient.onMessage(told)
      // Whoever was waiting for this goes on before the next message comes.
      await new Promise((done) => setImmediate(done))
      return true
    }
    return false
  }

  async function settleMessages(): Promise<void> {
    // Few calls need few messages; processes that answer each other for ever would never stop.
    for (let count = 0; await deliver(0); count += 1)
      if (count > 5_000) throw new Error('the messages have no end')
  }

  return {
    get nowMs() {
      return nowMs
    },
    get rates() {
      return members.map(({ rates }) => rates)
    },
    deliver,
    settleMessages,
    async deliverTogether(worker) {
      const member = members[worker]
      for (const message of member?.down.splice(0) ?? []) member?.leaseClient.onMessage(message)
      await new Promise((done) => setImmediate(done))
    },
    async report(worker) {
      const member = members[worker]
      member?.leaseClient.tick()
      for (const message of member?.up.splice(0) ?? []) leaseServer.onMessage(member?.id ?? -1, message)
      await new Promise((done) => setImmediate(done))
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        nowMs += Math.min(100, left)
        for (const { runs, leaseClient } of members) if (runs) leaseClient.tick()
        leaseServer.tick()
      }
    },
    kill(worker) {
      const member = members[worker]
      if (member === undefined) return
      member.runs = false
      member.up.splice(0)
      leaseServer.forget(member.id)
    },
    restart(worker) {
      members[worker] = start()
    },
    stop(worker) {
      setRunning(worker, false)
    },
    go(worker) {
      setRunning(worker, true)
    },
  }

  function setRunning(worker: number, runs: boolean): void {
    const member = members[worker]
    if (member !== undefined) member.runs = runs
  }
}

interface Member {
  readonly id: number
  readonly up: ToLeaseServer[]
  readonly down: FromLeaseServer[]
  readonly leaseClient: LeaseClient
  readonly rates: Rates
  runs: boolean
}

/** What a message is on the other side: plain data. */
function wired<T>(message: T): T {
  return structuredClone(message)
}

/** A call at a worker; what becomes of it is added to `taken` when it is known. */
export function requestOwned(
  cluster: Cluster,
  worker: number,
  taken: RateTaken[],
  asked: { readonly inputTokens: number; readonly maxTokens: number | null } = estimate,
): void {
  void Promise.resolve(cluster.rates[worker]?.take(key, haiku, asked)).then(
    (one) => one !== undefined && taken.push(one),
  )
}

/** A call that is let in and not made yet. */
export async function hold(
  cluster: Cluster,
  worker: number,
  asked?: { readonly inputTokens: number; readonly maxTokens: number | null },
): Promise<RatePermit> {
  const taken: RateTaken[] = []
  requestOwned(cluster, worker, taken, asked)
  await cluster.settleMessages()
  const [permit] = taken
  if (permit?.ok !== true) throw new Error('it was refused')
  return permit
}

/** One call after another at the workers that are named, with all messages delivered in between. */
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
