import { isRecord, parseJson } from '@anthology/wire'

import { randomText } from '../http/request-id.ts'
import type { SharedAllowance } from './allowance.ts'
import { expiryMs } from './bucket-store.ts'
import type { BucketFacts, BucketStore } from './bucket-store.ts'
import type { LeaseValidity } from './lease.ts'
import type { LeaseServer } from './lease-server.ts'
import type { FromLeaseServer, LeaseAmounts, LeaseTerms, LeaseUse, ToLeaseServer } from './message.ts'
import { applyUse, forgetHolders, getSlotMs, lend } from './shared-bucket.ts'
import type { HolderReport, LendResult, SharedBucket } from './shared-bucket.ts'

/** Rate limits that all servers on a store share. It has the same messages as the server of one machine. */
export interface StoreLeaseServer extends Pick<LeaseServer, 'onMessage' | 'forget' | 'tick'> {
  /** Handles a message of another server on the store. */
  onStoreMessage(payload: string): void
  /** The time until which the leases of this server may be used. */
  readonly validity: LeaseValidity
  /** Tells the store that this server is live. `tick` does it too. */
  keepAlive(): Promise<void>
  /** Returns the leases of this server. */
  close(): Promise<void>
}

export interface StoreLeaseOptions {
  readonly store: BucketStore
  readonly post: (worker: number, message: FromLeaseServer) => void
  /** Called when this server was not seen for so long that its leases were taken from it. */
  readonly onExpired: () => void
  /** A monotonic clock, shared by the processes of this machine. */
  readonly nowMs: () => number
  readonly windowMs: number
  /** Creates the limits of a bucket, with nothing counted; null for one that is unlimited. */
  readonly createLimits: (name: string, terms: LeaseTerms) => readonly (SharedAllowance | null)[]
}

/** Connects to the store, so that its clock is known. */
export async function createStoreLeaseServer(options: StoreLeaseOptions): Promise<StoreLeaseServer> {
  const server = new StoreLeases(options)
  await server.keepAlive()
  return server
}

class StoreLeases implements StoreLeaseServer {
  readonly validity = { untilMs: 0 }
  readonly #options: StoreLeaseOptions
  readonly #workers = new Set<number>([0])
  /** The processes that the store knows as live. Other servers count the leases of any other process as used. */
  #known: ReadonlySet<string> = new Set()
  /** The ids of exited workers, until the store knows that they ended. */
  readonly #ended = new Set<string>()
  /** Reports that are not stored yet. */
  readonly #pending = new Set<Report>()
  readonly #wakers = new Map<string, Set<() => void>>()
  #process = `process_${randomText(12)}`
  /** The store's clock minus this process' clock. */
  #offsetMs = 0
  #sequence = 0
  #keeping: Promise<void> | null = null
  #reportedAtMs = 0
  #keptAtMs = 0
  #cleanedAtMs = 0
  #closed = false

  constructor(options: StoreLeaseOptions) {
    this.#options = options
  }

  onMessage(worker: number, message: ToLeaseServer): void {
    this.#workers.add(worker)
    if (message.kind === 'request') {
      void this.#request(worker, message)
      return
    }
    for (const use of message.uses) this.#createReport(worker, use)
    if (message.recalled !== null)
      void this.#report().then(() => this.#send({ returned: message.recalled?.name }))
  }

  forget(worker: number): void {
    this.#workers.delete(worker)
    this.#ended.add(this.#getHolder(worker))
    void this.#endHolders()
  }

  onStoreMessage(payload: string): void {
    const message = parseJson(payload)
    if (!isRecord(message)) return
    const { recall, except, returned } = message
    if (typeof returned === 'string') for (const wake of this.#wakers.get(returned) ?? []) wake()
    if (typeof recall !== 'string') return
    for (const worker of this.#workers)
      if (this.#getHolder(worker) !== except) this.#options.post(worker, { kind: 'recall', name: recall })
  }

  tick(): void {
    const now = this.#options.nowMs()
    if (now - this.#reportedAtMs >= storeReportMs) void this.#report()
    if (now - this.#keptAtMs >= expiryMs / 5) void this.keepAlive().catch(() => {})
    if (now - this.#cleanedAtMs < cleanMs) return
    this.#cleanedAtMs = now
    const sinceMs = now + this.#offsetMs - 2 * this.#options.windowMs - cleanMs
    void this.#options.store.removeIdle(sinceMs).catch(() => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#report()
    for (const worker of this.#workers) this.#ended.add(this.#getHolder(worker))
    await this.#endHolders()
  }

  keepAlive(): Promise<void> {
    this.#keeping ??= this.#keepAlive().finally(() => {
      this.#keeping = null
    })
    return this.#keeping
  }

  async #keepAlive(): Promise<void> {
    const sentAtMs = this.#options.nowMs()
    this.#keptAtMs = sentAtMs
    if (this.validity.untilMs > 0 && sentAtMs >= this.validity.untilMs) {
      // Other servers may have counted these leases as used already.
      this.#process = `process_${randomText(12)}`
      this.#options.onExpired()
    }
    const holders = [...this.#workers].map((worker) => this.#getHolder(worker))
    const storeMs = await this.#options.store.keepAlive(holders)
    this.#known = new Set(holders)
    this.#offsetMs = storeMs - (sentAtMs + this.#options.nowMs()) / 2
    this.validity.untilMs = sentAtMs + expiryMs - validityMarginMs
  }

  async #request(worker: number, message: Extract<ToLeaseServer, { kind: 'request' }>): Promise<void> {
    const { name } = message.use
    const deadlineMs = this.#options.nowMs() + storeRecallMs
    const report = this.#createReport(worker, message.use)
    let isRecalled = false
    for (;;) {
      const result = await this.#lend(report, message).catch(() => null)
      if (result === null) return this.#deny(worker, message.use, message.need)
      if (result.ok) return this.#grant(worker, report, result)
      const canWait = !isRecalled || this.#options.nowMs() < deadlineMs
      if (!result.isLentElsewhere || !canWait || this.#closed)
        return this.#options.post(worker, { kind: 'denied', name, ...pickDenial(result) })
      const woken = this.#wait(name, deadlineMs)
      if (!isRecalled) {
        isRecalled = true
        await this.#send({ recall: name, except: report.holder })
      }
      await woken
    }
  }

  async #lend(
    report: Report,
    { need, wanted }: Extract<ToLeaseServer, { kind: 'request' }>,
  ): Promise<LendResult> {
    const { holder, use } = report
    // A message to the store that is under way may be older than this process.
    for (let sent = 0; sent < 2 && !this.#known.has(holder); sent += 1) await this.keepAlive()
    let result: LendResult | null = null
    try {
      await this.#update([use.name], (bucket, { nowMs, live }) => {
        const time = { nowMs, windowMs: this.#options.windowMs }
        const isGone = (other: string) => other !== holder && !live.has(other)
        const processes = Math.max(1, live.size)
        result = lend(
          forgetHolders(bucket, isGone, time),
          { holder, limits: this.#options.createLimits(use.name, use.terms), need, wanted, processes },
          time,
        )
        return result.ok ? result.bucket : bucket
      })
    } catch (error) {
      // The transaction may have been committed: what it granted is given back with the next one.
      report.isUndelivered = true
      this.#pending.add(report)
      throw error
    }
    if (result === null) throw new Error(`the bucket ${use.name} was removed meanwhile`)
    return result
  }

  /** Changes buckets in one transaction, after their pending reports have been applied in order. */
  async #update(
    names: readonly string[],
    change: (bucket: SharedBucket, facts: BucketFacts) => SharedBucket,
  ): Promise<void> {
    const applied = new Set<Report>()
    await this.#options.store.update(names, (stored, name, facts) => {
      const time = { nowMs: facts.nowMs, windowMs: this.#options.windowMs }
      let bucket = stored
      for (const report of [...this.#pending].toSorted((one, other) => one.sequence - other.sequence)) {
        if (report.use.name !== name) continue
        applied.add(report)
        bucket = applyUse(bucket, { ...report, use: this.#translate(report.use) }, time)
      }
      return change(bucket, facts)
    })
    for (const report of applied) this.#pending.delete(report)
  }

  #grant(
    worker: number,
    { holder, use }: Report,
    { amounts, free }: Extract<LendResult, { ok: true }>,
  ): void {
    const { name } = use
    const isValid = this.#options.nowMs() < this.validity.untilMs && holder === this.#getHolder(worker)
    if (isValid) this.#options.post(worker, { kind: 'lent', name, amounts, free })
    else this.#deny(worker, use, amounts)
  }

  /** The store cannot be reached, or this server's leases have expired: its calls are denied for a second. */
  #deny(worker: number, { name, terms }: LeaseUse, need: LeaseAmounts): void {
    const limits = this.#options.createLimits(name, terms)
    const index = Math.max(
      0,
      need.findIndex((amount) => amount > 0),
    )
    const limit = limits[index]?.limit ?? 0
    const denial = { index, limit, used: 0, free: 0, waitMs: unavailableMs, resetInMs: 0 }
    const none = limits.map(() => 0)
    this.#options.post(worker, { kind: 'denied', name, denial, free: none, resetInMs: none })
  }

  #createReport(worker: number, use: LeaseUse): Report {
    this.#sequence += 1
    const holder = this.#getHolder(worker)
    const report = { holder, use, sequence: this.#sequence, isUndelivered: false }
    this.#pending.add(report)
    return report
  }

  /** Stores all pending reports in one transaction. After an error they stay pending. */
  async #report(): Promise<void> {
    this.#reportedAtMs = this.#options.nowMs()
    const names = [...new Set([...this.#pending].map(({ use }) => use.name))]
    if (names.length > 0) await this.#update(names, (bucket) => bucket).catch(() => {})
  }

  /** Slots of this process' clock as slots of the store's. The later one of two is safe: usage counts longer. */
  #translate(use: LeaseUse): LeaseUse {
    const shift = Math.ceil(this.#offsetMs / getSlotMs(this.#options.windowMs))
    const entries = use.entries.map((list) => list.map(([slot, amount]) => [slot + shift, amount] as const))
    return { ...use, entries }
  }

  async #endHolders(): Promise<void> {
    const ended = [...this.#ended]
    // They expire by themselves if the store cannot be reached.
    await this.#options.store.endHolders(ended).catch(() => {})
    for (const holder of ended) this.#ended.delete(holder)
  }

  #getHolder(worker: number): string {
    return `${this.#process}/${worker}`
  }

  async #send(message: Readonly<Record<string, string | undefined>>): Promise<void> {
    // A lost message delays a grant until its deadline.
    await this.#options.store.send(JSON.stringify(message)).catch(() => {})
  }

  /** Resolves when another server has returned leases of the bucket, or at the deadline. */
  #wait(name: string, deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wakers = this.#wakers.get(name) ?? new Set()
      this.#wakers.set(name, wakers)
      const wake = () => {
        clearTimeout(timer)
        wakers.delete(wake)
        if (wakers.size === 0) this.#wakers.delete(name)
        resolve()
      }
      wakers.add(wake)
      const timer = setTimeout(wake, Math.max(0, deadlineMs - this.#options.nowMs()))
    })
  }
}

interface Report extends HolderReport {
  isUndelivered: boolean
}

function pickDenial({ denial, free, resetInMs }: Extract<LendResult, { ok: false }>) {
  return { denial, free, resetInMs }
}

/** Deadline for other servers to return what they do not use: a busy one needs two transactions and its workers' answers. */
const storeRecallMs = 1_000

/** Interval in which reports are stored. Until then all that was lent counts, so the limit holds. */
const storeReportMs = 500

/** The leases of this process end this long before the store gives them up. */
const validityMarginMs = 1_000

/** Time after which a call that was denied because of the store may be repeated. */
const unavailableMs = 1_000

const cleanMs = 600_000
