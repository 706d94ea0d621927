import { resolve } from '@anthology/catalog'

import type { Key } from '../../src/auth/key-ring.ts'
import type { RateLimits } from '../../src/leases/allowance.ts'
import { type LeaseDesk, createLeaseDesk } from '../../src/leases/lease-server.ts'
import type { FromDesk, ToDesk } from '../../src/leases/message.ts'
import { type Lender, createLender } from '../../src/leases/lease-client.ts'
import { type RatePermit, type RateTaken, type Rates, createRates } from '../../src/rates/rates.ts'

export const key: Key = { id: 'key_one', name: 'one', models: null }

export function model(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model '${name}'`)
  return found.model
}

export const haiku = model('claude-haiku-4-5')
export const estimate = { inputTokens: 100, maxTokens: 50 }

/** Workers and their primary in one thread, on a clock and with messages that only move when told to. */
export interface Fleet {
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

export function createFleet(workers: number, limits: RateLimits, windowMs = 60_000): Fleet {
  let nowMs = 1_000
  const clock = () => nowMs
  // The primary numbers processes on, whatever place they have.
  let lastId = -1
  const members = Array.from({ length: workers }, () => start())
  const desk: LeaseDesk = createLeaseDesk({
    post: (id, message) => void members.find((member) => member.id === id)?.down.push(wired(message)),
    nowMs: clock,
    windowMs,
    workers,
  })

  function start(): Member {
    const [up, down]: [ToDesk[], FromDesk[]] = [[], []]
    const lender = createLender({
      post: (message) => void up.push(wired(message)),
      nowMs: clock,
      windowMs,
    })
    const rates = createRates({ limitsOf: () => limits, nowMs: clock, wallMs: clock, windowMs, lender })
    return { id: (lastId += 1), up, down, lender, rates, runs: true }
  }

  async function deliver(way: number): Promise<boolean> {
    for (let tried = 0; tried < 2 * workers; tried += 1) {
      const at = (way + tried) % (2 * workers)
      const member = members[at % workers]
      if (member?.runs !== true) continue
      const [said, told] = at < workers ? [member.up.shift(), undefined] : [undefined, member.down.shift()]
      if (said === undefined && told === undefined) continue
      if (said !== undefined) desk.hear(member.id, said)
      if (told !== undefined) member.lender.hear(told)
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
      for (const message of member?.down.splice(0) ?? []) member?.lender.hear(message)
      await new Promise((done) => setImmediate(done))
    },
    async report(worker) {
      const member = members[worker]
      member?.lender.tick()
      for (const message of member?.up.splice(0) ?? []) desk.hear(member?.id ?? -1, message)
      await new Promise((done) => setImmediate(done))
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        nowMs += Math.min(100, left)
        for (const { runs, lender } of members) if (runs) lender.tick()
        desk.tick()
      }
    },
    kill(worker) {
      const member = members[worker]
      if (member === undefined) return
      member.runs = false
      member.up.splice(0)
      desk.forget(member.id)
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
  readonly up: ToDesk[]
  readonly down: FromDesk[]
  readonly lender: Lender
  readonly rates: Rates
  runs: boolean
}

/** What a message is on the other side: plain data. */
function wired<T>(message: T): T {
  return structuredClone(message)
}

/** A call at a worker; what becomes of it is added to `taken` when it is known. */
export function askFor(
  fleet: Fleet,
  worker: number,
  taken: RateTaken[],
  asked: { readonly inputTokens: number; readonly maxTokens: number | null } = estimate,
): void {
  void Promise.resolve(fleet.rates[worker]?.take(key, haiku, asked)).then(
    (one) => one !== undefined && taken.push(one),
  )
}

/** A call that is let in and not made yet. */
export async function hold(
  fleet: Fleet,
  worker: number,
  asked?: { readonly inputTokens: number; readonly maxTokens: number | null },
): Promise<RatePermit> {
  const taken: RateTaken[] = []
  askFor(fleet, worker, taken, asked)
  await fleet.settleMessages()
  const [permit] = taken
  if (permit?.ok !== true) throw new Error('it was refused')
  return permit
}

/** One call after another at the workers that are named, with all messages delivered in between. */
export async function takeAll(fleet: Fleet, workers: readonly number[]): Promise<readonly RateTaken[]> {
  const taken: RateTaken[] = []
  for (const worker of workers) {
    const one = fleet.rates[worker]?.take(key, haiku, estimate)
    if (one instanceof Promise) await fleet.settleMessages()
    const result = await one
    if (result?.ok === true) result.start()
    if (result !== undefined) taken.push(result)
  }
  return taken
}
