import type { Budget } from './budget.ts'
import type { BudgetRefusal, OpenedPool, Shortage } from './money.ts'

/** The hold of a call on one budget. */
export interface HoldPart {
  readonly budget: Budget
  readonly opened: OpenedPool
  held: number
}

interface HoldOptions {
  readonly take: (part: HoldPart, amount: number) => Shortage | null | Promise<Shortage | null>
  readonly onRefused: (refusal: BudgetRefusal) => void
}

/** The money that a call holds on all of its budgets. Amounts are nano-dollars. */
export class BudgetHold {
  readonly #parts: readonly HoldPart[]
  readonly #options: HoldOptions
  #heldNanoUsd = 0
  #isSettled = false
  #refusal: BudgetRefusal | null = null

  constructor(parts: readonly HoldPart[], options: HoldOptions) {
    this.#parts = parts
    this.#options = options
  }

  get heldNanoUsd(): number {
    return this.#heldNanoUsd
  }

  /** The refusal of the last extension. */
  get refusal(): BudgetRefusal | null {
    return this.#refusal
  }

  get budgets(): readonly Budget[] {
    return this.#parts.map(({ budget }) => budget)
  }

  /** The smallest limit of a budget that blocks; null if none does. */
  findSmallest(getLimit: (budget: Budget) => number): number | null {
    const limits = this.#parts
      .filter(({ budget }) => budget.action === 'block')
      .map(({ budget }) => getLimit(budget))
    return limits.length === 0 ? null : Math.min(...limits)
  }

  /** Holds more on every budget, or on none. Returns the first refusal. */
  grow(amount: number): BudgetRefusal | null | Promise<BudgetRefusal | null> {
    for (let at = 0; at < this.#parts.length; at += 1) {
      const part = this.#parts[at]
      if (part === undefined) break
      const taken = this.#options.take(part, amount)
      if (taken instanceof Promise) return this.#growLater(taken, at, amount)
      if (taken !== null) return this.#undo(at, amount, taken)
      this.#note(part, amount)
    }
    this.#heldNanoUsd += amount
    return null
  }

  /**
   * Extends the hold of a running call; false: a budget may give no more, see `refusal`. A promise only if another
   * process must be asked.
   */
  extend(amount: number): boolean | Promise<boolean> {
    const grown = this.grow(Math.ceil(amount))
    const finish = (refusal: BudgetRefusal | null): boolean => {
      this.#refusal = refusal
      if (refusal !== null) this.#options.onRefused(refusal)
      return refusal === null
    }
    return grown instanceof Promise ? grown.then(finish) : finish(grown)
  }

  /** Counts the cost of an attempt that was billed although the call moved on; the rest stays held. */
  spend(modelId: string, nanoUsd: number): void {
    if (this.#isSettled) return
    for (const part of this.#parts) {
      if (!counts(part, modelId)) continue
      const taken = Math.min(part.held, nanoUsd)
      part.held -= taken
      part.opened.pool.settle(part.opened.slot, taken, nanoUsd)
    }
    this.#heldNanoUsd = Math.max(0, this.#heldNanoUsd - nanoUsd)
  }

  /** Ends the hold with the cost of the call. Later calls have no effect. */
  settle(modelId: string, nanoUsd: number): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const part of this.#parts) {
      const { pool, slot } = part.opened
      pool.settle(slot, part.held, counts(part, modelId) ? nanoUsd : 0)
      part.held = 0
    }
    this.#heldNanoUsd = 0
  }

  /** Ends the hold of a batch that was created: all of it counts until the batch is settled. */
  keep(batchId: string): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const part of this.#parts) {
      part.opened.pool.keep([batchId, part.opened.slot, this.#heldNanoUsd], part.held)
      part.held = 0
    }
  }

  /** Ends the hold without a cost. Later calls have no effect. */
  release(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const part of this.#parts) {
      part.opened.pool.drop(part.held)
      part.held = 0
    }
    this.#heldNanoUsd = 0
  }

  async #growLater(
    taken: Promise<Shortage | null>,
    at: number,
    amount: number,
  ): Promise<BudgetRefusal | null> {
    let shortage = await taken
    for (let index = at; ;) {
      const part = this.#parts[index]
      if (part === undefined) break
      if (shortage !== null) return this.#undo(index, amount, shortage)
      this.#note(part, amount)
      index += 1
      const next = this.#parts[index]
      if (next === undefined) break
      shortage = await this.#options.take(next, amount)
    }
    this.#heldNanoUsd += amount
    return null
  }

  /** A budget that warns holds nothing. After the end of the call, nothing may stay held. */
  #note(part: HoldPart, amount: number): void {
    if (part.budget.action === 'warn') return
    if (this.#isSettled) part.opened.pool.drop(amount)
    else part.held += amount
  }

  #undo(count: number, amount: number, shortage: Shortage): BudgetRefusal | null {
    for (const part of this.#parts.slice(0, count)) {
      if (part.budget.action === 'warn' || part.held < amount) continue
      part.held -= amount
      part.opened.pool.drop(amount)
    }
    const refused = this.#parts[count]
    return refused === undefined ? null : { budget: refused.budget, shortage, neededNanoUsd: amount }
  }
}

function counts({ budget: { models } }: HoldPart, modelId: string): boolean {
  return models === null || models.includes(modelId)
}
