import type { Budget } from './budget.ts'
import type { BudgetWindow } from './budget-window.ts'
import type { NamedWindow } from './pool-name.ts'

/** A window of the book. */
export interface BookedWindow {
  readonly budget: Budget
  readonly named: NamedWindow
  readonly window: BudgetWindow
}

/** The windows of a book, for what lends it shares of them. */
export interface WindowList {
  readonly budgets: readonly Budget[]
  listWindows(): readonly BookedWindow[]
  /** Counts what is spent, held and lent of a window in this server. */
  countInUse(booked: BookedWindow): number
}
