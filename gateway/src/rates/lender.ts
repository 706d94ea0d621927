import { type Amounts, type Allowances, type RateLimits, rateKinds } from './allowance.ts'
import type { FromDesk, LeaseUse, ToDesk } from './lease-message.ts'
import { Lease } from './lease.ts'
import type { RateLack } from './rate-bucket.ts'
import { slotsPerWindow } from './sliding-window.ts'

/** A worker's side of the limits that all workers share: leases, and the messages that fill them. */
export interface Lender {
  allowances(name: string, limits: RateLimits): Allowances
  /** A refusal that still holds for such a call, if there is one. */
  knownLack(name: string, amounts: Amounts): RateLack | null
  /** Asks for so much; null when it is there. */
  borrow(name: string, amounts: Amounts): Promise<RateLack | null>
  /** Gives everything back and knows the bucket no longer. */
  forget(name: string): void
  hear(message: FromDesk): void
  /** Reports what was used, and gives back what lies idle. To be called every `reportMs`. */
  tick(): void
}

export interface LenderOptions {
  readonly post: (message: ToDesk) => void
  readonly nowMs: () => number
  readonly windowMs: number
}

/** How often the primary is told of what was used. */
export const reportMs = 100

/** A lease that nobody took from for so long is given back without being asked for. */
const idleMs = 1_000

interface Waiting {
  readonly amounts: Amounts
  readonly resolve: (lack: RateLack | null) => void
}

interface Account {
  readonly limits: RateLimits
  readonly leases: readonly [Lease | null, Lease | null, Lease | null]
  readonly waiting: Waiting[]
  asking: boolean
  usedAtMs: number
  /** The last refusal, for calls that need as much: whoever is full need not be asked again before its slots move on. */
  dry: { readonly lack: RateLack; readonly atLeast: Amounts; readonly sinceMs: number } | null
}

export function createLender(options: LenderOptions): Lender {
  return new LeasedShares(options)
}

class LeasedShares implements Lender {
  readonly #post: LenderOptions['post']
  readonly #nowMs: () => number
  readonly #windowMs: number
  readonly #slotMs: number
  readonly #accounts = new Map<string, Account>()

  constructor({ post, nowMs, windowMs }: LenderOptions) {
    this.#post = post
    this.#nowMs = nowMs
    this.#windowMs = windowMs
    this.#slotMs = windowMs / slotsPerWindow
  }

  allowances(name: string, limits: RateLimits): Allowances {
    const lease = (index: 0 | 1 | 2) => {
      const limit = limits[rateKinds[index]]
      return limit === undefined ? null : new Lease(limit, this.#windowMs)
    }
    const leases = [lease(0), lease(1), lease(2)] as const
    const usedAtMs = this.#nowMs()
    this.#accounts.set(name, { limits, leases, waiting: [], asking: false, usedAtMs, dry: null })
    return leases
  }

  knownLack(name: string, amounts: Amounts): RateLack | null {
    const dry = this.#accounts.get(name)?.dry
    if (dry === null || dry === undefined || !needsAsMuch(amounts, dry.atLeast, dry.lack)) return null
    const passedMs = this.#nowMs() - dry.sinceMs
    // Calls that end may free what they held, so even a long wait is looked at again with every slot.
    if (passedMs >= Math.min(this.#slotMs, dry.lack.waitMs)) return null
    return { ...dry.lack, waitMs: dry.lack.waitMs - passedMs }
  }

  borrow(name: string, amounts: Amounts): Promise<RateLack | null> {
    const account = this.#accounts.get(name)
    if (account === undefined) throw new Error(`nothing is lent for '${name}'`)
    account.usedAtMs = this.#nowMs()
    return new Promise((resolve) => {
      account.waiting.push({ amounts, resolve })
      this.#ask(name, account)
    })
  }

  forget(name: string): void {
    const account = this.#accounts.get(name)
    if (account === undefined || account.waiting.length > 0) return
    this.#accounts.delete(name)
    this.#post({ kind: 'told', uses: [reportOf(name, account, true)] })
  }

  hear(message: FromDesk): void {
    const { name } = message
    const account = this.#accounts.get(name)
    if (message.kind === 'recall') {
      const use = account === undefined ? nothing(name) : reportOf(name, account, true)
      this.#post({ kind: 'told', uses: [use] })
      return
    }
    if (account === undefined) return
    account.asking = false
    for (const [index, lease] of account.leases.entries()) {
      if (lease === null) continue
      lease.free = message.free[index] ?? 0
      if (message.kind === 'lent') lease.left += message.amounts[index] ?? 0
    }
    if (message.kind === 'lent') this.#serve(name, account)
    else this.#refuse(name, account, message.lack)
  }

  tick(): void {
    const uses: LeaseUse[] = []
    const now = this.#nowMs()
    for (const [name, account] of this.#accounts) {
      const { leases } = account
      if (leases.some((lease) => lease?.hasNews === true)) account.usedAtMs = now
      else if (now - account.usedAtMs < idleMs || !leases.some((lease) => (lease?.left ?? 0) > 0)) continue
      // While an ask is under way its answer may be meant for what is left.
      const idle = now - account.usedAtMs >= idleMs && !account.asking
      uses.push(reportOf(name, account, idle))
    }
    if (uses.length > 0) this.#post({ kind: 'told', uses })
  }

  #ask(name: string, account: Account): void {
    const [first, ...others] = account.waiting
    if (first === undefined || account.asking) return
    account.asking = true
    const left = account.leases.map((lease) => lease?.left ?? 0)
    const need = each((index) => Math.max(0, first.amounts[index] - (left[index] ?? 0)))
    const wish = each((index) => others.reduce((sum, { amounts }) => sum + amounts[index], 0))
    this.#post({ kind: 'ask', use: reportOf(name, account, false), limits: account.limits, need, wish })
  }

  /** Lets those go on for whom there is room now; their own code takes it before anything else runs. */
  #serve(name: string, account: Account): void {
    const room = account.leases.map((lease) => lease?.left ?? Infinity)
    for (let next = account.waiting[0]; next !== undefined; next = account.waiting[0]) {
      const { amounts } = next
      if (amounts.some((amount, index) => amount > (room[index] ?? 0))) break
      for (const [index, amount] of amounts.entries()) room[index] = (room[index] ?? 0) - amount
      account.waiting.shift()
      next.resolve(null)
    }
    // What they take is in the next report: so an ask, which carries one, goes out behind them.
    if (account.waiting.length > 0) queueMicrotask(() => this.#ask(name, account))
  }

  #refuse(name: string, account: Account, lack: RateLack): void {
    const [first] = account.waiting
    if (first === undefined) return
    account.dry = { lack, atLeast: first.amounts, sinceMs: this.#nowMs() }
    const refused = account.waiting.filter(({ amounts }) => needsAsMuch(amounts, first.amounts, lack))
    const rest = account.waiting.filter((waiting) => !refused.includes(waiting))
    account.waiting.splice(0, Infinity, ...rest)
    for (const { resolve } of refused) resolve(lack)
    this.#ask(name, account)
  }
}

function needsAsMuch(amounts: Amounts, refused: Amounts, { kind }: RateLack): boolean {
  const index = rateKinds.indexOf(kind)
  return (amounts[index] ?? 0) >= (refused[index] ?? 0)
}

function reportOf(name: string, { leases }: Account, giveBack: boolean): LeaseUse {
  const reports = leases.map((lease) => lease?.report() ?? { taken: 0, entries: [] })
  return {
    name,
    taken: each((index) => reports[index]?.taken ?? 0),
    entries: reports.map(({ entries }) => entries),
    returned: each((index) => (giveBack ? (leases[index]?.giveBack() ?? 0) : 0)),
  }
}

function nothing(name: string): LeaseUse {
  return { name, taken: [0, 0, 0], entries: [[], [], []], returned: [0, 0, 0] }
}

function each(amount: (index: 0 | 1 | 2) => number): Amounts {
  return [amount(0), amount(1), amount(2)]
}
