import { resolve } from '@anthology/catalog'

import type { Key } from '../../src/key-ring.ts'
import type { RateLimits } from '../../src/rates/allowance.ts'
import { type LeaseDesk, createLeaseDesk } from '../../src/rates/lease-desk.ts'
import type { FromDesk, ToDesk } from '../../src/rates/lease-message.ts'
import { type Lender, createLender } from '../../src/rates/lender.ts'
import { type Rates, createRates } from '../../src/rates/rates.ts'

export const key: Key = { id: 'key_one', name: 'one', models: null }

export function model(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model '${name}'`)
  return found.model
}

/** Workers and their primary in one thread, on a clock and with messages that only move when told to. */
export interface Fleet {
  readonly nowMs: number
  readonly rates: readonly Rates[]
  /** Delivers the oldest message of one of the ways between the processes; false when none is under way. */
  deliver(way: number): Promise<boolean>
  /** Delivers all messages, and those that they cause. */
  settleMessages(): Promise<void>
  /** Lets time pass in steps in which everybody's timers run. */
  pass(ms: number): Promise<void>
  kill(worker: number): void
}

export function createFleet(workers: number, limits: RateLimits, windowMs = 60_000): Fleet {
  let nowMs = 1_000
  const clock = () => nowMs
  const up: ToDesk[][] = Array.from({ length: workers }, () => [])
  const down: FromDesk[][] = Array.from({ length: workers }, () => [])
  const dead = new Set<number>()
  const desk: LeaseDesk = createLeaseDesk({
    post: (worker, message) => void down[worker]?.push(wired(message)),
    nowMs: clock,
    windowMs,
    workers,
  })
  const lenders: Lender[] = up.map((queue) =>
    createLender({ post: (message) => void queue.push(wired(message)), nowMs: clock, windowMs }),
  )
  const rates = lenders.map((lender) =>
    createRates({ limitsOf: () => limits, nowMs: clock, wallMs: clock, windowMs, lender }),
  )

  async function deliver(way: number): Promise<boolean> {
    const ways = [...up, ...down]
    for (let tried = 0; tried < ways.length; tried += 1) {
      const at = (way + tried) % ways.length
      const message = ways[at]?.shift()
      if (message === undefined || dead.has(at % workers)) continue
      if (message.kind === 'told' || message.kind === 'ask') desk.hear(at, message)
      else lenders[at - workers]?.hear(message)
      // Whoever was waiting for this goes on before the next message comes, as in a process.
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
    rates,
    deliver,
    settleMessages,
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        nowMs += Math.min(100, left)
        for (const [worker, lender] of lenders.entries()) if (!dead.has(worker)) lender.tick()
        desk.tick()
      }
    },
    kill(worker) {
      dead.add(worker)
      desk.forget(worker)
    },
  }
}

/** What a message is on the other side: plain data. */
function wired<T>(message: T): T {
  return structuredClone(message)
}
