import type { SharedAllowance } from './allowance.ts'
import type { FromLeaseServer, LeaseAmounts, LeaseTerms, LeaseUse, ToLeaseServer } from './message.ts'

/**
 * The primary's side of the limits that all workers share. The sum of counted and
 * lent amounts never exceeds the limit, and a lent amount counts in the window from
 * the moment it is used, so usage in a window never exceeds the limit.
 */
export interface LeaseServer {
  onMessage(worker: number, message: ToLeaseServer): void
  /** The sum of the amounts that are lent from a limit of a bucket, and not used. */
  countLent(name: string, index?: number): number
  /** Takes back what workers do not use of a bucket. Resolves when all have answered, or at the deadline. */
  recall(name: string): Promise<void>
  /** A worker exited: its leases count as used, because it may have used them until just before. */
  forget(worker: number): void
  /** Continues without workers that do not answer a recall. Call it about every `recallMs / 2`. */
  tick(): void
}

export interface LeaseServerOptions {
  readonly post: (worker: number, message: FromLeaseServer) => void
  readonly nowMs: () => number
  /** Time without use after which a bucket is deleted. */
  readonly idleMs: number
  /** Creates the limits of a bucket; null for one that is unlimited. */
  readonly createLimits: (name: string, terms: LeaseTerms) => readonly (SharedAllowance | null)[]
  /** Makes room for an amount by taking more of a limit from elsewhere, before a request for it is denied. Default: there is no more. */
  readonly grow?: ((name: string, amount: number) => Promise<void>) | undefined
  /** The number of workers that share the limits. */
  readonly workers: number
}

/** Deadline for a worker to answer a recall. */
export const recallMs = 250

interface LeaseRequest {
  readonly worker: number
  need: LeaseAmounts
  readonly wanted: LeaseAmounts
  /** The unused leases of the other workers were recalled once. */
  recalled: boolean
  /** More was taken from elsewhere once. */
  grown: boolean
  /** It is being taken now. */
  growing: boolean
}

interface Bucket {
  readonly name: string
  readonly windows: readonly (SharedAllowance | null)[]
  /** Amounts lent to each worker and not reported as used, by limit. */
  readonly lent: Map<number, number[]>
  readonly requests: LeaseRequest[]
  /** Recalls that a worker has not answered, by worker: each is answered by itself. */
  readonly recalling: Map<number, number>
  recalledAtMs: number
  /** Called when all recalls are answered. */
  readonly onRecalled: (() => void)[]
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
      bucket.requests.push({
        worker,
        need: message.need,
        wanted: message.wanted,
        recalled: false,
        grown: false,
        growing: false,
      })
      this.#serve(bucket)
      return
    }
    for (const use of message.uses) this.#take(worker, use)
    // A report that crossed the recall does not answer it: the unused amounts are still to come.
    if (message.recalled === null) return
    const { name, need } = message.recalled
    const bucket = this.#buckets.get(name)
    // The request counted on the amounts that its worker has now returned. With the old need it would be granted too
    // little and repeated; two workers could then recall from each other forever.
    const request = bucket?.requests.find((one) => one.worker === worker)
    if (request !== undefined && need !== null) request.need = need
    const open = bucket?.recalling.get(worker) ?? 0
    if (bucket === undefined || open === 0) return
    if (open > 1) bucket.recalling.set(worker, open - 1)
    else bucket.recalling.delete(worker)
    if (bucket.recalling.size === 0) this.#endRecall(bucket)
  }

  async recall(name: string): Promise<void> {
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) return
    for (const [worker, lent] of bucket.lent)
      if (lent.some((amount) => amount > 0)) this.#postRecall(bucket, worker)
    if (bucket.recalling.size === 0) return
    bucket.recalledAtMs = this.#options.nowMs()
    await new Promise<void>((resolve) => bucket.onRecalled.push(resolve))
  }

  forget(worker: number): void {
    const now = this.#options.nowMs()
    for (const bucket of this.#buckets.values()) {
      const lent = bucket.lent.get(worker) ?? []
      bucket.lent.delete(worker)
      for (const [index, amount] of lent.entries()) {
        if (amount <= 0) continue
        bucket.windows[index]?.lose(amount, now, worker)
        bucket.usedAtMs = now
      }
      const requests = bucket.requests.filter((one) => one.worker !== worker)
      bucket.requests.splice(0, Infinity, ...requests)
      if (bucket.recalling.delete(worker) && bucket.recalling.size === 0) this.#endRecall(bucket)
      else this.#serve(bucket)
    }
  }

  tick(): void {
    const { nowMs, idleMs } = this.#options
    const now = nowMs()
    for (const [name, bucket] of this.#buckets) {
      if (bucket.recalling.size > 0 && now - bucket.recalledAtMs >= recallMs) {
        bucket.recalling.clear()
        this.#endRecall(bucket)
      }
      const isIdle = now - bucket.usedAtMs > idleMs && bucket.requests.length === 0
      if (isIdle && [...bucket.lent.values()].every((lent) => lent.every((amount) => amount <= 0)))
        this.#buckets.delete(name)
    }
  }

  countLent(name: string, index = 0): number {
    let sum = 0
    for (const lent of this.#buckets.get(name)?.lent.values() ?? []) sum += lent[index] ?? 0
    return sum
  }

  #find({ name, terms }: LeaseUse): Bucket {
    const known = this.#buckets.get(name)
    if (known !== undefined) return known
    const { createLimits, nowMs } = this.#options
    const windows = createLimits(name, terms)
    const bucket: Bucket = {
      name,
      windows,
      lent: new Map(),
      requests: [],
      recalling: new Map(),
      recalledAtMs: 0,
      onRecalled: [],
      usedAtMs: nowMs(),
    }
    this.#buckets.set(name, bucket)
    return bucket
  }

  #take(worker: number, use: LeaseUse): void {
    // A long call may end after its bucket was deleted; usage above its hold must count even then.
    const bucket = this.#find(use)
    const lent = findLent(bucket, worker)
    const now = this.#options.nowMs()
    bucket.usedAtMs = now
    for (const [index, window] of bucket.windows.entries()) {
      lent[index] = (lent[index] ?? 0) - (use.taken[index] ?? 0) - (use.returned[index] ?? 0)
      for (const [slot, amount] of use.entries[index] ?? []) window?.correct(slot, amount, now, worker)
      for (const entry of use.kept?.[index] ?? []) window?.keepFor?.(worker, entry)
    }
  }

  /** Answers the requests in order; stops while a recall is pending. */
  #serve(bucket: Bucket): void {
    for (let request = bucket.requests[0]; request !== undefined; request = bucket.requests[0]) {
      const { need } = request
      const free = this.#countFree(bucket)
      const short = free.findIndex((amount, index) => (need[index] ?? 0) > amount)
      if (short !== -1 && (bucket.recalling.size > 0 || this.#recall(bucket, request, short))) return
      if (short !== -1 && this.#grow(bucket, request, need[short] ?? 0)) return
      bucket.requests.shift()
      if (short === -1) this.#lend(bucket, request, free)
      else this.#reject(bucket, request, { short, free })
    }
  }

  #countFree(bucket: Bucket): number[] {
    const now = this.#options.nowMs()
    const free = bucket.windows.map((window) => window?.room(now) ?? Infinity)
    for (const lent of bucket.lent.values())
      for (const [index, amount] of lent.entries()) free[index] = (free[index] ?? 0) - amount
    return free
  }

  /** Recalls unused leases from the other workers; false if there are none, or if they were recalled before. */
  #recall(bucket: Bucket, request: LeaseRequest, short: number): boolean {
    if (request.recalled) return false
    request.recalled = true
    for (const [worker, lent] of bucket.lent)
      if (worker !== request.worker && (lent[short] ?? 0) > 0) this.#postRecall(bucket, worker)
    if (bucket.recalling.size === 0) return false
    bucket.recalledAtMs = this.#options.nowMs()
    return true
  }

  #postRecall({ name, recalling }: Bucket, worker: number): void {
    recalling.set(worker, (recalling.get(worker) ?? 0) + 1)
    this.#options.post(worker, { kind: 'recall', name })
  }

  #endRecall(bucket: Bucket): void {
    for (const resolve of bucket.onRecalled.splice(0)) resolve()
    this.#serve(bucket)
  }

  /** Takes more from elsewhere once; true while that is under way. */
  #grow(bucket: Bucket, request: LeaseRequest, amount: number): boolean {
    const { grow } = this.#options
    if (grow === undefined || request.growing) return request.growing
    if (request.grown) return false
    request.grown = true
    request.growing = true
    const serve = () => {
      request.growing = false
      this.#serve(bucket)
    }
    grow(bucket.name, amount).then(serve, serve)
    return true
  }

  /** Lends the need plus a share of the free rest, so that not every call needs a request. */
  #lend(bucket: Bucket, { worker, need, wanted }: LeaseRequest, free: readonly number[]): void {
    const lent = findLent(bucket, worker)
    const amounts = free.map((available, index) => {
      const [needed = 0, extra = 0] = [need[index], wanted[index]]
      if (needed + extra === 0) return 0
      const over = available - needed
      const share = Math.max(extra, Math.floor(over / (2 * this.#options.workers)))
      const given = needed + Math.min(over, share)
      lent[index] = (lent[index] ?? 0) + given
      return given
    })
    const left = clampAmounts(this.#countFree(bucket))
    this.#options.post(worker, { kind: 'lent', name: bucket.name, amounts, free: left })
  }

  #reject(
    bucket: Bucket,
    { worker, need }: LeaseRequest,
    { short, free }: { readonly short: number; readonly free: readonly number[] },
  ): void {
    const window = bucket.windows[short]
    if (window === null || window === undefined) return
    const now = this.#options.nowMs()
    const used = window.limit - window.room(now)
    this.#holdLent(bucket, 1)
    const waitMs = window.waitMs(need[short] ?? 0, now)
    const resetInMs = bucket.windows.map((each) => each?.resetInMs(now) ?? 0)
    const denial = {
      index: short,
      limit: window.limit,
      used,
      free: Math.max(0, free[short] ?? 0),
      waitMs,
      resetInMs: resetInMs[short] ?? 0,
    }
    this.#holdLent(bucket, -1)
    this.#options.post(worker, {
      kind: 'denied',
      name: bucket.name,
      denial,
      free: clampAmounts(free),
      resetInMs,
    })
  }

  /** Lent amounts are held for calls or were just used, so they expire no earlier than usage that is counted now. */
  #holdLent({ windows, lent }: Bucket, sign: 1 | -1): void {
    for (const amounts of lent.values())
      for (const [index, amount] of amounts.entries()) windows[index]?.hold(sign * amount)
  }
}

function findLent(bucket: Bucket, worker: number): number[] {
  const known = bucket.lent.get(worker)
  if (known !== undefined) return known
  const lent = bucket.windows.map(() => 0)
  bucket.lent.set(worker, lent)
  return lent
}

function clampAmounts(free: readonly number[]): LeaseAmounts {
  return free.map((amount) => Math.max(0, Math.min(amount, Number.MAX_SAFE_INTEGER)))
}
