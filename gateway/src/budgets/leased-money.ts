import { monotonicMs } from '../clock.ts'
import type { OwnerNames } from '../ledger/owner-names.ts'
import type { LeaseClient } from '../leases/lease-client.ts'
import type { Lease } from '../leases/lease.ts'
import { getLimit } from './budget.ts'
import type { Budget } from './budget.ts'
import type { BudgetState, MoneySource, OpenedPool, SettledBatch, Shortage } from './money.ts'
import { createWindowFinder } from './pool-name.ts'

/** The budgets and their states, as the process that owns the book tells the others. */
export interface BudgetNews {
  readonly budgets: readonly Budget[]
  /** By the id of the budget. */
  readonly states: Readonly<Record<string, BudgetState>>
  readonly names: OwnerNames
}

interface LeasedMoneyOptions {
  readonly nowMs: () => number
  /** Tells the process that owns the book of a settled batch. */
  readonly postSettled: (batch: SettledBatch) => void
}

/** A process that takes money from leases of another process's book. */
export class LeasedMoney implements MoneySource {
  readonly #leases: LeaseClient
  readonly #nowMs: () => number
  readonly #postSettled: LeasedMoneyOptions['postSettled']
  readonly #findWindow = createWindowFinder()
  readonly #opened = new Map<string, { readonly lease: Lease; usedAtMs: number; readonly budgetId: string }>()
  readonly #listeners: (() => void)[] = []
  #news: BudgetNews

  constructor(leases: LeaseClient, news: BudgetNews, { nowMs, postSettled }: LeasedMoneyOptions) {
    this.#leases = leases
    this.#news = news
    this.#nowMs = nowMs
    this.#postSettled = postSettled
  }

  get budgets(): readonly Budget[] {
    return this.#news.budgets
  }

  get names(): OwnerNames {
    return this.#news.names
  }

  setNews(news: BudgetNews): void {
    this.#news = news
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  open(budget: Budget, startedAtMs: number): OpenedPool {
    const { name, slot } = this.#findWindow(budget, startedAtMs)
    const usedAtMs = monotonicMs()
    const known = this.#opened.get(name)
    if (known !== undefined) {
      known.usedAtMs = usedAtMs
      return { name, pool: known.lease, slot }
    }
    const [lease] = this.#leases.open(name, [getLimit(budget, this.#nowMs())], {})
    if (lease === null || lease === undefined) throw new Error('a budget has one limit')
    this.#opened.set(name, { lease, usedAtMs, budgetId: budget.id })
    return { name, pool: lease, slot }
  }

  take(budget: Budget, { name, pool }: OpenedPool, amount: number): null | Promise<Shortage | null> {
    if (pool.room(this.#nowMs()) < amount) return this.#borrow(budget, name, amount)
    pool.hold(amount)
    return null
  }

  noteSettled(batch: SettledBatch): void {
    this.#postSettled(batch)
  }

  getState(budget: Budget): BudgetState | null {
    return this.#news.states[budget.id] ?? null
  }

  /** Gives up windows that no call has used for a long time; every call that holds money has ended by then. */
  sweep(): void {
    const now = monotonicMs()
    for (const [name, { usedAtMs }] of this.#opened) {
      if (now - usedAtMs < idleMs) continue
      this.#opened.delete(name)
      this.#leases.forget(name)
    }
  }

  async #borrow(budget: Budget, name: string, amount: number): Promise<Shortage | null> {
    const denial = await this.#leases.borrow(name, [amount])
    if (denial === null) return null
    const { limit, used, free, resetInMs } = denial
    const rollingReset = resetInMs > 0 ? this.#nowMs() + resetInMs : null
    const resetsAtMs = budget.rolling ? rollingReset : (this.getState(budget)?.resetsAtMs ?? null)
    return {
      limitNanoUsd: limit,
      usedNanoUsd: used,
      heldNanoUsd: Math.max(0, limit - used - free),
      resetsAtMs,
    }
  }
}

/** Longer than any call may take. */
const idleMs = 3 * 3_600_000
