import { expect, test } from 'vitest'

import { BudgetWindow } from '../../src/budgets/budget-window.ts'
import { createLeaseClient } from '../../src/leases/lease-client.ts'
import type { LeaseClient } from '../../src/leases/lease-client.ts'
import { createLeaseServer } from '../../src/leases/lease-server.ts'
import type { LeaseServer } from '../../src/leases/lease-server.ts'
import type { Lease } from '../../src/leases/lease.ts'
import type { FromLeaseServer, ToLeaseServer } from '../../src/leases/message.ts'

const schedules = 100_000
const poolName = 'budget'
/** Lets waiting calls go on. */
const turn = Promise.resolve()

test(`in ${schedules} schedules of delayed messages and dying processes a budget holds and refuses nothing that fits`, async () => {
  const totals = { granted: 0, refused: 0, killed: 0, reclaimed: 0, reconciled: 0, batches: 0, settled: 0 }
  for (let seed = 1; seed <= schedules; seed += 1) {
    const failure = await runSchedule(seed, totals)
    if (failure !== null) expect.fail(`schedule ${seed}: ${failure}`)
  }
  // The schedules reach what they are about.
  expect(totals.granted).toBeGreaterThan(schedules)
  expect(totals.refused).toBeGreaterThan(schedules / 10)
  expect(totals.killed).toBeGreaterThan(schedules / 20)
  expect(totals.reclaimed).toBeGreaterThan(schedules / 20)
  expect(totals.reconciled).toBeGreaterThan(schedules / 20)
  expect(totals.batches).toBeGreaterThan(schedules / 10)
  expect(totals.settled).toBeGreaterThan(schedules / 20)
}, 120_000)

interface Hold {
  readonly amount: number
}

/** A batch in the store: it outlives its process, and any process may settle it. */
interface StoredBatch {
  readonly id: string
  readonly process: number
  readonly hold: number
  /** Null: not settled. */
  cost: number | null
  /** The amount that counts: the hold until the window has the cost. */
  counted: number
}

interface SimulatedProcess {
  readonly id: number
  readonly client: LeaseClient
  readonly lease: Lease
  readonly up: ToLeaseServer[]
  readonly down: FromLeaseServer[]
  readonly holds: Hold[]
  settled: number
}

interface Waiting {
  readonly amount: number
  /** The most that each process had settled and held since the request; the leases of a dead one count as spent. */
  readonly most: Map<number, number>
}

interface Totals {
  granted: number
  refused: number
  killed: number
  reclaimed: number
  reconciled: number
  batches: number
  settled: number
}

/** Runs one schedule; returns what is wrong, or null. */
async function runSchedule(seed: number, totals: Totals): Promise<string | null> {
  const random = createRandom(seed)
  const limit = 10 + random(50)
  let nowMs = 0
  let failure: string | null = null
  const waiting = new Set<Waiting>()
  /** The amounts that count for dead processes. */
  const gone = new Map<number, number>()
  const unread: SimulatedProcess[] = []
  const batches: StoredBatch[] = []
  const window = new BudgetWindow({ getLimit: () => limit, rolling: null })
  const processes = new Map<number, SimulatedProcess>()
  const server: LeaseServer = createLeaseServer({
    post: (worker, message) => {
      if (message.kind === 'recall') totals.reclaimed += 1
      processes.get(worker)?.down.push(message)
    },
    nowMs: () => nowMs,
    idleMs: Infinity,
    createLimits: () => [window],
    workers: 2,
  })
  let lastId = 0
  for (let index = 0; index < 2; index += 1) start()

  function start(): void {
    const id = (lastId += 1)
    const up: ToLeaseServer[] = []
    const client = createLeaseClient({
      post: (message) => void up.push(message),
      nowMs: () => nowMs,
      windowMs: 0,
    })
    const [lease] = client.open(poolName, [limit], {})
    if (lease === null || lease === undefined) throw new Error('the pool has one limit')
    processes.set(id, { id, client, lease, up, down: [], holds: [], settled: 0 })
  }

  function check(): void {
    let inUse = 0
    for (const [id, counted] of gone) inUse += note(id, counted)
    for (const worker of processes.values()) inUse += note(worker.id, countOwn(worker))
    const leased = window.used(nowMs) + server.countLent(poolName)
    if (leased > limit) failure ??= `settled and leased are ${leased} of ${limit}`
    if (inUse > limit) failure ??= `${inUse} of ${limit} are spent or held`
  }

  function note(id: number, counted: number): number {
    for (const { most } of waiting) if (counted > (most.get(id) ?? 0)) most.set(id, counted)
    return counted
  }

  function take(worker: SimulatedProcess): void {
    const amount = 1 + random(25)
    if (worker.lease.left >= amount) {
      worker.lease.hold(amount)
      worker.holds.push({ amount })
      totals.granted += 1
      return
    }
    const one: Waiting = { amount, most: new Map() }
    waiting.add(one)
    check()
    void finish(worker, one)
  }

  async function finish(worker: SimulatedProcess, one: Waiting): Promise<void> {
    const { amount } = one
    const denial = await worker.client.borrow(poolName, [amount])
    waiting.delete(one)
    if (denial === null) {
      worker.holds.push({ amount })
      totals.granted += 1
      return
    }
    totals.refused += 1
    const most = sum(one.most.values())
    if (most + amount <= limit) failure ??= `${amount} were refused with ${most} of ${limit} in use`
  }

  function settle(worker: SimulatedProcess): void {
    const [hold] = worker.holds.splice(random(worker.holds.length || 1), 1)
    if (hold === undefined) return
    const used = random(hold.amount + 1)
    worker.lease.settle(0, hold.amount, used)
    worker.settled += used
  }

  function deliver(worker: SimulatedProcess): void {
    const isUp = worker.down.length === 0 || random(2) === 0
    const sent = isUp ? worker.up.shift() : undefined
    if (sent !== undefined) return server.onMessage(worker.id, sent)
    const received = worker.down.shift()
    if (received !== undefined) worker.client.onMessage(received)
  }

  /** The process dies; what it has sent still arrives before its exit is seen. */
  function kill(worker: SimulatedProcess): void {
    totals.killed += 1
    for (const message of worker.up.splice(0)) server.onMessage(worker.id, message)
    processes.delete(worker.id)
    const report = worker.lease.report()
    const unreported =
      sum(report.entries.map(([, amount]) => amount)) + sum(report.kept.map(([, , amount]) => amount))
    const usedBefore = window.used(nowMs)
    server.forget(worker.id)
    const own = batches.filter((batch) => batch.process === worker.id)
    const reported = worker.settled + sum(own.map(({ counted: amount }) => amount)) - unreported
    const counted = reported + window.used(nowMs) - usedBefore
    if (counted < countOwn(worker))
      failure ??= `a dead process counts ${counted} and has used ${countOwn(worker)}`
    gone.set(worker.id, counted)
    unread.push(worker)
    start()
  }

  /** The rows of a dead process are read: those that have ended, and the holds of those that never will. */
  function reconcile(): void {
    const worker = unread.shift()
    if (worker === undefined) return
    totals.reconciled += 1
    const own = batches.filter((batch) => batch.process === worker.id)
    for (const batch of own) batch.counted = batch.cost ?? batch.hold
    const rows = worker.settled + sum(worker.holds.map(({ amount }) => amount))
    const costs = sum(own.map(({ cost }) => cost ?? 0))
    const unsettled = own.filter(({ cost }) => cost === null)
    window.replace(
      worker.id,
      new Map([[0, rows + costs]]),
      unsettled.map(({ id, hold }) => [id, 0, hold] as const),
    )
    gone.set(worker.id, countOwn(worker))
  }

  /** A hold becomes a batch. */
  function create(worker: SimulatedProcess): void {
    const [hold] = worker.holds.splice(0, 1)
    if (hold === undefined) return
    totals.batches += 1
    const id = `batch_${batches.length}`
    batches.push({ id, process: worker.id, hold: hold.amount, cost: null, counted: hold.amount })
    worker.lease.keep([id, 0, hold.amount], hold.amount)
  }

  /** Results are read, and at any later time the window gets the costs of those that the store has. */
  function settleBatches(): void {
    const batch = batches[random(batches.length || 1)]
    if (batch !== undefined) batch.cost ??= random(batch.hold + 1)
    if (random(2) === 0) settleKept()
  }

  function settleKept(): void {
    for (const id of window.listKept()) {
      const batch = batches.find((one) => one.id === id)
      if (batch?.cost === undefined || batch.cost === null) continue
      totals.settled += 1
      window.settleKept(id, batch.cost)
      batch.counted = batch.cost
      if (gone.has(batch.process))
        gone.set(batch.process, (gone.get(batch.process) ?? 0) + batch.cost - batch.hold)
    }
  }

  function countOwn({ id, settled, holds }: SimulatedProcess): number {
    const own = batches.filter((batch) => batch.process === id)
    return settled + sum(holds.map(({ amount }) => amount)) + sum(own.map(({ counted }) => counted))
  }

  /** After every message, report and reconciliation all amounts count once. */
  function compare(): void {
    for (const worker of processes.values()) {
      nowMs += 2_000
      worker.client.tick()
      while (worker.up.length + worker.down.length > 0) deliver(worker)
    }
    while (unread.length > 0) reconcile()
    settleKept()
    const held = sum([...processes.values()].flatMap(({ holds }) => holds.map(({ amount }) => amount)))
    const spent = sum([...processes.values()].map(countOwn)) + sum(gone.values()) - held
    if (window.used(nowMs) !== spent) failure ??= `${window.used(nowMs)} count, and ${spent} are spent`
  }

  for (let step = 0; step < 24 && failure === null; step += 1) {
    const workers = [...processes.values()]
    const worker = workers[random(workers.length)]
    if (worker === undefined) break
    const action = random(100)
    if (action < 25) take(worker)
    else if (action < 34) settle(worker)
    else if (action < 40) create(worker)
    else if (action < 46) settleBatches()
    else if (action < 85) deliver(workers.find(({ up, down }) => up.length + down.length > 0) ?? worker)
    else if (action < 92) {
      nowMs += random(600)
      worker.client.tick()
    } else if (action < 96) reconcile()
    else kill(worker)
    await turn
    check()
  }
  if (failure === null) compare()
  return failure
}

function sum(amounts: Iterable<number>): number {
  let total = 0
  for (const amount of amounts) total += amount
  return total
}

/** A small generator of integers below a bound (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed * 0x9e3779b1
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
