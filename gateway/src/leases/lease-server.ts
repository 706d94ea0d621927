import { rateKinds } from './allowance.ts'
import type { Amounts } from './allowance.ts'
import type { FromLeaseServer, LeaseUse, ToLeaseServer } from './message.ts'
import { SlidingWindow } from './sliding-window.ts'

/**
 * The primary's side of the limits that all workers share. What a window counts
 * and what is lent are never more than the limit together, and what is lent counts
 * in a window from the moment it is used: so no window ever holds more.
 */
export interface LeaseServer {
  onMessage(worker: number, message: ToLeaseServer): void
  /** A worker died: what it had may have been used until just now. */
  forget(worker: number): void
  /** Goes on without those that do not answer. To be called every `recallMs / 2` or so. */
  tick(): void
}

export interface LeaseServerOptions {
  readonly post: (worker: number, message: FromLeaseServer) => void
  readonly nowMs: () => number
  readonly windowMs: number
  /** Among how many a share is divided. */
  readonly workers: number
}

/** How long a worker may take to give back what others lack. */
export const recallMs = 250

interface LeaseRequest {
  readonly worker: number
  need: Amounts
  readonly wanted: Amounts
  /** What the others had was asked back once. */
  recalled: boolean
}

interface Bucket {
  readonly name: string
  readonly windows: readonly (SlidingWindow | null)[]
  /** What each worker has and has not reported as used, by kind. */
  readonly lent: Map<number, number[]>
  readonly requests: LeaseRequest[]
  /** Workers whose word is waited for. */
  readonly recalling: Set<number>
  recalledAtMs: number
  usedAtMs: number
}

export function createLeaseServer(options: LeaseServerOptions): LeaseServer {
  return new PrimaryLeases(options)
}

class PrimaryLeases implements LeaseServer {
  readonly #options: LeaseServerOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: LeaseServerOptions) {
    this.#options = options
  }

  onMessage(worker: number, message: ToLeaseServer): void {
    if (message.kind === 'request') {
      const bucket = this.#find(message.use)
      this.#take(worker, message.use)
      bucket.requests.push({ worker, need: message.need, wanted: message.wanted, recalled: false })
      this.#serve(bucket)
      return
    }
    for (const use of message.uses) this.#take(worker, use)
    // A report that crossed the recall is no answer to it: what lies unused is still to come.
    if (message.recalled === null) return
    const { name, need } = message.recalled
    const bucket = this.#buckets.get(name)
    // What it gave back it counted on when it asked. Lent less than it lacks now, it would ask again, be asked
    // to give back, and so on with the others that ask.
    const requests = bucket?.requests.find((one) => one.worker === worker)
    if (requests !== undefined && need !== null) requests.need = need
    if (bucket?.recalling.delete(worker) === true && bucket.recalling.size === 0) this.#serve(bucket)
  }

  forget(worker: number): void {
    const now = this.#options.nowMs()
    for (const bucket of this.#buckets.values()) {
      const lent = bucket.lent.get(worker) ?? []
      bucket.lent.delete(worker)
      for (const [index, amount] of lent.entries()) {
        if (amount <= 0) continue
        bucket.windows[index]?.add(amount, now)
        bucket.usedAtMs = now
      }
      const requests = bucket.requests.filter((one) => one.worker !== worker)
      bucket.requests.splice(0, Infinity, ...requests)
      bucket.recalling.delete(worker)
      this.#serve(bucket)
    }
  }

  tick(): void {
    const { nowMs, windowMs } = this.#options
    const now = nowMs()
    for (const [name, bucket] of this.#buckets) {
      if (bucket.recalling.size > 0 && now - bucket.recalledAtMs >= recallMs) {
        bucket.recalling.clear()
        this.#serve(bucket)
      }
      const isIdle = now - bucket.usedAtMs > 2 * windowMs && bucket.requests.length === 0
      if (isIdle && [...bucket.lent.values()].every((lent) => lent.every((amount) => amount <= 0)))
        this.#buckets.delete(name)
    }
  }

  #find({ name, limits }: LeaseUse): Bucket {
    const known = this.#buckets.get(name)
    if (known !== undefined) return known
    const { windowMs, nowMs } = this.#options
    const windows = rateKinds.map((kind) => {
      const limit = limits[kind]
      return limit === undefined ? null : new SlidingWindow(limit, { windowMs })
    })
    const bucket: Bucket = {
      name,
      windows,
      lent: new Map(),
      requests: [],
      recalling: new Set(),
      recalledAtMs: 0,
      usedAtMs: nowMs(),
    }
    this.#buckets.set(name, bucket)
    return bucket
  }

  #take(worker: number, use: LeaseUse): void {
    // A long call may end when nobody remembers it: what it used beyond all expectation has to count even so.
    const bucket = this.#find(use)
    const lent = findLent(bucket, worker)
    const now = this.#options.nowMs()
    bucket.usedAtMs = now
    for (const [index, window] of bucket.windows.entries()) {
      lent[index] = (lent[index] ?? 0) - (use.taken[index] ?? 0) - (use.returned[index] ?? 0)
      for (const [slot, amount] of use.entries[index] ?? []) window?.correct(slot, amount, now)
    }
  }

  /** Answers those that ask, one after another; stops where somebody's word is waited for. */
  #serve(bucket: Bucket): void {
    for (let requests = bucket.requests[0]; requests !== undefined; requests = bucket.requests[0]) {
      const { need } = requests
      const free = this.#countFree(bucket)
      const short = rateKinds.findIndex((_, index) => (need[index] ?? 0) > (free[index] ?? 0))
      if (short !== -1 && (bucket.recalling.size > 0 || this.#recall(bucket, requests, short))) return
      bucket.requests.shift()
      if (short === -1) this.#lend(bucket, requests, free)
      else this.#reject(bucket, requests, { short, free })
    }
  }

  #countFree(bucket: Bucket): number[] {
    const now = this.#options.nowMs()
    const free = bucket.windows.map((window) => window?.room(now) ?? Infinity)
    for (const lent of bucket.lent.values())
      for (const [index, amount] of lent.entries()) free[index] = (free[index] ?? 0) - amount
    return free
  }

  /** Asks the others to give back what they do not use; false when nobody has any, or was asked before. */
  #recall(bucket: Bucket, requests: LeaseRequest, short: number): boolean {
    if (requests.recalled) return false
    requests.recalled = true
    for (const [worker, lent] of bucket.lent)
      if (worker !== requests.worker && (lent[short] ?? 0) > 0) bucket.recalling.add(worker)
    if (bucket.recalling.size === 0) return false
    bucket.recalledAtMs = this.#options.nowMs()
    for (const worker of bucket.recalling) this.#options.post(worker, { kind: 'recall', name: bucket.name })
    return true
  }

  /** What is needed, and where there is plenty a share on top, so that not every call has to ask. */
  #lend(bucket: Bucket, { worker, need, wanted }: LeaseRequest, free: readonly number[]): void {
    const lent = findLent(bucket, worker)
    const amount = (index: 0 | 1 | 2) => {
      if (need[index] + wanted[index] === 0) return 0
      const over = (free[index] ?? 0) - need[index]
      const share = Math.max(wanted[index], Math.floor(over / (2 * this.#options.workers)))
      const given = need[index] + Math.min(over, share)
      lent[index] = (lent[index] ?? 0) + given
      return given
    }
    const amounts = [amount(0), amount(1), amount(2)] as const
    const left = clampAmounts(this.#countFree(bucket))
    this.#options.post(worker, { kind: 'lent', name: bucket.name, amounts, free: left })
  }

  #reject(
    bucket: Bucket,
    { worker, need }: LeaseRequest,
    { short, free }: { readonly short: number; readonly free: readonly number[] },
  ): void {
    const window = bucket.windows[short]
    const kind = rateKinds[short]
    if (window === null || window === undefined || kind === undefined) return
    const now = this.#options.nowMs()
    const resetIn = (index: 0 | 1 | 2) => bucket.windows[index]?.resetInMs(now) ?? 0
    this.#holdLent(bucket, 1)
    const denial = { kind, limit: window.limit, waitMs: window.waitMs(need[short] ?? 0, now) }
    const resetInMs = [resetIn(0), resetIn(1), resetIn(2)] as const
    this.#holdLent(bucket, -1)
    this.#options.post(worker, {
      kind: 'denied',
      name: bucket.name,
      denial,
      free: clampAmounts(free),
      resetInMs,
    })
  }

  /** What is lent is held for calls, or was used a moment ago: it passes no earlier than what is used now. */
  #holdLent({ windows, lent }: Bucket, sign: 1 | -1): void {
    for (const amounts of lent.values())
      for (const [index, amount] of amounts.entries()) windows[index]?.hold(sign * amount)
  }
}

function findLent(bucket: Bucket, worker: number): number[] {
  const known = bucket.lent.get(worker)
  if (known !== undefined) return known
  const lent = [0, 0, 0]
  bucket.lent.set(worker, lent)
  return lent
}

function clampAmounts(free: readonly number[]): Amounts {
  const amount = (index: number) => Math.max(0, Math.min(free[index] ?? 0, Number.MAX_SAFE_INTEGER))
  return [amount(0), amount(1), amount(2)]
}
