import type { LeaseDenial } from './allowance.ts'
import type { FromLeaseServer, LeaseAmounts, LeaseTerms, LeaseUse, ToLeaseServer } from './message.ts'
import { Lease } from './lease.ts'
import type { LeaseValidity } from './lease.ts'
import { slotsPerWindow } from './sliding-window.ts'

/** A worker's side of the limits that all workers share: its leases, and the messages that fill them. */
export interface LeaseClient {
  /** Opens a bucket with these limits; null for one that is unlimited. `terms` are for the server. */
  open(name: string, limits: readonly (number | null)[], terms: LeaseTerms): readonly (Lease | null)[]
  /** Finds a recent denial that still applies to these amounts. */
  findCachedDenial(name: string, amounts: LeaseAmounts): LeaseDenial | null
  /** Requests the amounts; resolves to null once they are granted and held. */
  borrow(name: string, amounts: LeaseAmounts): Promise<LeaseDenial | null>
  /** Returns everything and deletes the bucket. */
  forget(name: string): void
  onMessage(message: FromLeaseServer): void
  /** Drops all leases: this process was not seen for so long that they were taken from it. */
  expire(): void
  /** Reports usage and returns idle leases. Call it every `reportMs`. */
  tick(): void
}

export interface LeaseClientOptions {
  readonly post: (message: ToLeaseServer) => void
  readonly nowMs: () => number
  readonly windowMs: number
  /** The time until which the leases may be used. Default: always. */
  readonly validity?: LeaseValidity
}

/** Interval of the usage reports to the primary. */
export const reportMs = 100

/** A lease that is unused for this long is returned without a recall. */
const idleMs = 1_000

interface Waiting {
  /** Set once a request that counts this call was sent: a denial may be older than a call that came later. */
  isRequested: boolean
  readonly amounts: LeaseAmounts
  readonly resolve: (denial: LeaseDenial | null) => void
}

interface Account {
  readonly terms: LeaseTerms
  readonly leases: readonly (Lease | null)[]
  readonly waiting: Waiting[]
  /** The request that the primary has not answered yet. */
  requested: LeaseAmounts | null
  usedAtMs: number
  /** The last denial, which also applies to calls that need at least as much: a full window stays full until its next slot. */
  cachedDenial: {
    readonly denial: LeaseDenial
    readonly minAmounts: LeaseAmounts
    readonly sinceMs: number
  } | null
}

export function createLeaseClient(options: LeaseClientOptions): LeaseClient {
  return new WorkerLeases(options)
}

class WorkerLeases implements LeaseClient {
  readonly #post: LeaseClientOptions['post']
  readonly #nowMs: () => number
  readonly #windowMs: number
  readonly #slotMs: number
  readonly #validity: LeaseValidity | undefined
  readonly #accounts = new Map<string, Account>()

  constructor({ post, nowMs, windowMs, validity }: LeaseClientOptions) {
    this.#validity = validity
    this.#post = post
    this.#nowMs = nowMs
    this.#windowMs = windowMs
    this.#slotMs = windowMs / slotsPerWindow
  }

  open(name: string, limits: readonly (number | null)[], terms: LeaseTerms): readonly (Lease | null)[] {
    const leases = limits.map((limit) =>
      limit === null ? null : new Lease(limit, this.#windowMs, this.#validity),
    )
    const usedAtMs = this.#nowMs()
    this.#accounts.set(name, { terms, leases, waiting: [], requested: null, usedAtMs, cachedDenial: null })
    return leases
  }

  findCachedDenial(name: string, amounts: LeaseAmounts): LeaseDenial | null {
    const cachedDenial = this.#accounts.get(name)?.cachedDenial
    if (
      cachedDenial === null ||
      cachedDenial === undefined ||
      !needsAsMuch(amounts, cachedDenial.minAmounts, cachedDenial.denial)
    )
      return null
    const passedMs = this.#nowMs() - cachedDenial.sinceMs
    // Ended calls may release their holds, so even a long wait is checked again in each slot.
    if (passedMs >= Math.min(this.#slotMs, cachedDenial.denial.waitMs)) return null
    return { ...cachedDenial.denial, waitMs: cachedDenial.denial.waitMs - passedMs }
  }

  borrow(name: string, amounts: LeaseAmounts): Promise<LeaseDenial | null> {
    const account = this.#accounts.get(name)
    if (account === undefined) throw new Error(`nothing is lent for '${name}'`)
    account.usedAtMs = this.#nowMs()
    return new Promise((resolve) => {
      account.waiting.push({ isRequested: false, amounts, resolve })
      this.#request(name, account)
    })
  }

  forget(name: string): void {
    const account = this.#accounts.get(name)
    if (account === undefined || account.waiting.length > 0) return
    this.#accounts.delete(name)
    this.#post({ kind: 'report', uses: [createReport(name, account, true)], recalled: null })
  }

  onMessage(message: FromLeaseServer): void {
    const { name } = message
    const account = this.#accounts.get(name)
    if (message.kind === 'recall') {
      const uses = account === undefined ? [] : [createReport(name, account, true)]
      const need =
        account === undefined || account.requested === null ? null : computeNeed(account, this.#nowMs())
      if (account !== undefined) account.requested = need
      this.#post({ kind: 'report', uses, recalled: { name, need } })
      return
    }
    if (account === undefined) return
    const { requested } = account
    account.requested = null
    for (const [index, lease] of account.leases.entries()) {
      if (lease === null) continue
      lease.free = message.free[index] ?? 0
      if (message.kind === 'lent') lease.left += message.amounts[index] ?? 0
      else lease.resetAtMs = this.#nowMs() + (message.resetInMs[index] ?? 0)
    }
    const [first] = account.waiting
    this.#serve(account)
    if (message.kind === 'denied' && first !== undefined && account.waiting[0] === first) {
      const { index } = message.denial
      // Calls that were never sent may have released a part of it meanwhile; then request the rest.
      const needsLess = (computeNeed(account, this.#nowMs())[index] ?? 0) < (requested?.[index] ?? 0)
      if (!needsLess) this.#reject(account, first, message.denial)
    }
    this.#request(name, account)
  }

  expire(): void {
    for (const { leases } of this.#accounts.values()) for (const lease of leases) lease?.expire()
  }

  tick(): void {
    const uses: LeaseUse[] = []
    const now = this.#nowMs()
    for (const [name, account] of this.#accounts) {
      const { leases } = account
      if (leases.some((lease) => lease?.hasUnreported === true)) account.usedAtMs = now
      else if (now - account.usedAtMs < idleMs || !leases.some((lease) => (lease?.left ?? 0) > 0)) continue
      // A pending request counts on the unused rest of the lease.
      const idle = now - account.usedAtMs >= idleMs && account.requested === null
      uses.push(createReport(name, account, idle))
    }
    if (uses.length > 0) this.#post({ kind: 'report', uses, recalled: null })
  }

  #request(name: string, account: Account): void {
    const [first, ...others] = account.waiting
    if (first === undefined || account.requested !== null) return
    const need = computeNeed(account, this.#nowMs())
    account.requested = need
    for (const waiting of account.waiting) waiting.isRequested = true
    const wanted = account.leases.map((_, index) =>
      others.reduce((sum, { amounts }) => sum + (amounts[index] ?? 0), 0),
    )
    this.#post({ kind: 'request', use: createReport(name, account, false), need, wanted })
  }

  /**
   * Resumes waiting calls for which there is room. Several messages can be handled before an awaiting call resumes, and
   * the next one may be a recall, so the amounts are held immediately.
   */
  #serve({ leases, waiting }: Account): void {
    const now = this.#nowMs()
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const { amounts } = next
      if (leases.some((lease, index) => lease !== null && (amounts[index] ?? 0) > lease.room(now))) return
      for (const [index, lease] of leases.entries()) lease?.hold(amounts[index] ?? 0)
      waiting.shift()
      next.resolve(null)
    }
  }

  #reject(account: Account, first: Waiting, denial: LeaseDenial): void {
    account.cachedDenial = { denial, minAmounts: first.amounts, sinceMs: this.#nowMs() }
    const denied = account.waiting.filter(
      ({ amounts, isRequested }) => isRequested && needsAsMuch(amounts, first.amounts, denial),
    )
    const rest = account.waiting.filter((waiting) => !denied.includes(waiting))
    account.waiting.splice(0, Infinity, ...rest)
    for (const { resolve } of denied) resolve(denial)
  }
}

function needsAsMuch(amounts: LeaseAmounts, denied: LeaseAmounts, { index }: LeaseDenial): boolean {
  return (amounts[index] ?? 0) >= (denied[index] ?? 0)
}

/** The amounts that the first waiting call needs on top of the unused lease. */
function computeNeed({ leases, waiting: [first] }: Account, nowMs: number): LeaseAmounts {
  return leases.map((lease, index) => Math.max(0, (first?.amounts[index] ?? 0) - (lease?.room(nowMs) ?? 0)))
}

function createReport(name: string, { terms, leases }: Account, returnsUnused: boolean): LeaseUse {
  const reports = leases.map((lease) => lease?.report() ?? { taken: 0, entries: [], kept: [] })
  return {
    name,
    terms,
    taken: reports.map(({ taken }) => taken),
    entries: reports.map(({ entries }) => entries),
    ...(reports.some(({ kept }) => kept.length > 0) && { kept: reports.map(({ kept }) => kept) }),
    returned: leases.map((lease) => (returnsUnused ? (lease?.returnUnused() ?? 0) : 0)),
  }
}
