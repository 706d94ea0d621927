import type { Budget } from './budget.ts'
import type { MoneyPool } from './budget-window.ts'

/** A window of a budget in this process. */
export interface OpenedPool {
  /** Names the window in every process. */
  readonly name: string
  readonly pool: MoneyPool
  /** The slot in which a call counts. */
  readonly slot: number
}

/** The reason why a hold is not granted. Amounts are nano-dollars. */
export interface Shortage {
  readonly limitNanoUsd: number
  readonly usedNanoUsd: number
  /** Held for other calls, or lent to other processes for theirs. */
  readonly heldNanoUsd: number
  /** When the window ends, or when a rolling one has more room; null: never. */
  readonly resetsAtMs: number | null
}

/** A budget that applies, and why nothing can be held on it. */
export interface BudgetRefusal {
  readonly budget: Budget
  readonly shortage: Shortage
  /** The amount that was asked for, in nano-dollars. */
  readonly neededNanoUsd: number
}

/** The state of a budget's current window. */
export interface BudgetState {
  readonly usedNanoUsd: number
  readonly heldNanoUsd: number
  readonly resetsAtMs: number | null
}

/** A batch whose results are in the ledger. */
export interface SettledBatch {
  readonly createdAtMs: number
}

/** The place from which a process takes money: the book that has the truth, or leases of it. */
export interface MoneySource {
  /** The budgets that count now. */
  readonly budgets: readonly Budget[]
  /** Opens the window of a budget in which a call counts that began at a time. */
  open(budget: Budget, startedAtMs: number): OpenedPool
  /** Holds an amount, or says why not; a promise only if another process must be asked. */
  take(budget: Budget, opened: OpenedPool, amount: number): Shortage | null | Promise<Shortage | null>
  /** A batch was settled, and the store has it: its costs take the place of its hold. */
  noteSettled(batch: SettledBatch): void
  /** The last known state of the current window; null if nothing is known yet. */
  getState(budget: Budget): BudgetState | null
  /** Called with every new list of budgets. */
  onChange(listener: () => void): void
}
