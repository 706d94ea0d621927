import type { SharedAllowance } from '../leases/allowance.ts'
import { findRolling, getLimit } from './budget.ts'
import type { Budget } from './budget.ts'
import { BudgetWindow } from './budget-window.ts'
import type { BookedWindow, WindowList } from './booked-window.ts'
import type { BudgetState, MoneySource, OpenedPool, SettledBatch, Shortage } from './money.ts'
import type { StoreShares } from './store-shares.ts'
import { createWindowFinder } from './pool-name.ts'
import type { NamedWindow } from './pool-name.ts'
import { findOldestSlot, findWindow } from './window.ts'

/** A range of time whose rows are read from the ledger. */
export interface BaseRange {
  readonly sinceMs: number
  readonly untilMs: number
}

export interface BookOptions {
  readonly nowMs: () => number
  /** When the latest call of the ledger began, which is in the future if the clock was set back. Default: earlier than now. */
  readonly latestCallMs?: number
  /** Reads what the ledger has for a budget, by slot. */
  readonly readBase: (budget: Budget, range: BaseRange) => Promise<ReadonlyMap<number, number>>
  /** Reads the corrections of calls that processes have reported, by slot. */
  readonly readCorrections: (budget: Budget, period: BaseRange) => Promise<ReadonlyMap<number, number>>
  /** The amount that is lent from a window and not used. Default: none, without other processes. */
  readonly countLent?: (name: string) => number
  readonly onError: (error: unknown) => void
  /** Called when the store has a settled batch. */
  readonly onSettled?: (batch: SettledBatch) => void
  /** Counts the money that several servers have spent and hold of a window; null: not known yet. Default: there is only this one. */
  readonly countAll?: (booked: BookedWindow) => number | null
  /** The shares of several servers on one store. Default: this book has all of each window. */
  readonly shares?: Pick<StoreShares, 'getShare' | 'getOthers' | 'grow'> | undefined
}

/**
 * The book of the process that owns the truth: every window of every budget with what is settled and held. What the
 * ledger has of the time before the book knew a budget is read once; everything later is added as it happens.
 */
export class BudgetBook implements MoneySource, WindowList {
  readonly #options: BookOptions
  readonly #openedAtMs: number
  readonly #findWindow = createWindowFinder()
  readonly #windows = new Map<string, BookedWindow>()
  readonly #listeners: (() => void)[] = []
  #budgets: ReadonlyMap<string, Budget> = new Map()

  constructor(options: BookOptions) {
    this.#options = options
    this.#openedAtMs = Math.max(options.nowMs(), (options.latestCallMs ?? 0) + 1)
  }

  get budgets(): readonly Budget[] {
    return [...this.#budgets.values()]
  }

  /** Replaces the budgets, and reads what the ledger has for new ones. */
  async setBudgets(budgets: readonly Budget[]): Promise<void> {
    this.#budgets = new Map(budgets.map((budget) => [budget.id, budget]))
    for (const [name, { budget }] of this.#windows) {
      const current = this.#budgets.get(budget.id)
      if (current?.activeFromMs !== budget.activeFromMs) this.#windows.delete(name)
    }
    const fresh = budgets.map((budget) => this.find(budget, this.#options.nowMs()))
    await Promise.all(fresh.map((booked) => this.readBase(booked)))
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  open(budget: Budget, startedAtMs: number): OpenedPool {
    const { named, window } = this.find(budget, startedAtMs)
    // The slot is that of this call, and the window may have been found by another one.
    const rolling = findRolling(budget)
    const slot = rolling === null ? 0 : this.#findWindow(budget, startedAtMs).slot
    return { name: named.name, pool: window, slot }
  }

  take(budget: Budget, opened: OpenedPool, amount: number): Shortage | null | Promise<Shortage | null> {
    if (this.#hasRoom(opened, amount)) return this.#hold(opened, amount)
    const booked = this.#windows.get(opened.name)
    const { shares } = this.#options
    if (shares === undefined || booked === undefined) return this.#describeShortage(budget)
    return this.#takeFromStore(booked, opened, amount)
  }

  async #takeFromStore(booked: BookedWindow, opened: OpenedPool, amount: number): Promise<Shortage | null> {
    for (let round = 0; round < maxRounds; round += 1) {
      const isGrown = (await this.#options.shares?.grow(booked, amount)) ?? false
      if (this.#hasRoom(opened, amount)) return this.#hold(opened, amount)
      // Otherwise another call took what was meant for this one.
      if (!isGrown) break
    }
    return this.#describeShortage(booked.budget)
  }

  /** Makes room for an amount in a window by taking more of it from the store, for leases of it. */
  async growFor(name: string, amount: number): Promise<void> {
    const booked = this.#windows.get(name)
    if (booked !== undefined) await this.#options.shares?.grow(booked, amount)
  }

  /** Counts what is spent, held and lent of a window in this server. */
  countInUse({ named, window }: BookedWindow): number {
    return window.used(this.#options.nowMs()) + window.held + (this.#options.countLent?.(named.name) ?? 0)
  }

  #hasRoom({ name, pool }: OpenedPool, amount: number): boolean {
    return amount + (this.#options.countLent?.(name) ?? 0) <= pool.room(this.#options.nowMs())
  }

  #hold({ pool }: OpenedPool, amount: number): null {
    pool.hold(amount)
    return null
  }

  #describeShortage(budget: Budget): Shortage {
    const now = this.#options.nowMs()
    return { limitNanoUsd: getLimit(budget, now), ...(this.getState(budget) ?? emptyState) }
  }

  noteSettled(batch: SettledBatch): void {
    this.#options.onSettled?.(batch)
  }

  /** True if what the ledger has of a time counts in the base of a window. */
  isInBase({ budget, named }: BookedWindow, atMs: number): boolean {
    const range = this.findBaseRange(budget, named)
    return range !== null && atMs >= range.sinceMs && atMs < range.untilMs
  }

  getState(budget: Budget): BudgetState {
    const now = this.#options.nowMs()
    const booked = this.find(budget, now)
    const { named, window } = booked
    const resetInMs = window.resetInMs(now)
    const rollingReset = resetInMs > 0 ? now + resetInMs : null
    return {
      ...this.#countState(booked, now),
      resetsAtMs: named.window === null ? rollingReset : named.window.endMs,
    }
  }

  /** Shares of other servers that are not spent count as held. */
  #countState(booked: BookedWindow, nowMs: number): Pick<BudgetState, 'usedNanoUsd' | 'heldNanoUsd'> {
    const { shares, countAll } = this.#options
    const own = booked.window.used(nowMs)
    const held = this.countInUse(booked) - own
    const withShares = own + (shares?.getOthers(booked.named.name) ?? 0)
    const all = countAll?.(booked) ?? null
    const used = all === null ? withShares : Math.max(own, all - held)
    return { usedNanoUsd: used, heldNanoUsd: held + Math.max(0, withShares - used) }
  }

  /** The limits that the lease server lends from; a window of a budget that is gone lends nothing. */
  createLimits(name: string): readonly SharedAllowance[] {
    const known = this.#windows.get(name)
    if (known !== undefined) return [known.window]
    const [id = '', activeFrom, start] = name.split(' ')
    const budget = this.#budgets.get(id)
    const isCurrent = budget !== undefined && String(budget.activeFromMs) === activeFrom
    if (!isCurrent) return [new BudgetWindow({ getLimit: () => 0, rolling: null })]
    const atMs = start === 'rolling' ? this.#options.nowMs() : Number(start)
    return [this.find(budget, atMs).window]
  }

  find(budget: Budget, atMs: number): BookedWindow {
    const named = this.#findWindow(budget, atMs)
    const known = this.#windows.get(named.name)
    if (known !== undefined) return known
    const { shares } = this.#options
    const window = new BudgetWindow({
      getLimit: (nowMs) => {
        const limit = getLimit(this.#budgets.get(budget.id) ?? budget, nowMs)
        return shares === undefined ? limit : Math.min(limit, shares.getShare(named.name))
      },
      rolling: findRolling(budget),
    })
    const booked = { budget, named, window }
    this.#windows.set(named.name, booked)
    return booked
  }

  /** All windows that are open. */
  listWindows(): readonly BookedWindow[] {
    return [...this.#windows.values()]
  }

  /** Reads what the ledger has of the time before processes reported to this window, and the corrections of what they report. */
  async readBase({ budget, named, window }: BookedWindow): Promise<void> {
    if (this.#options.shares !== undefined) return
    const range = this.findBaseRange(budget, named)
    const sinceMs = range?.untilMs ?? named.window?.startMs ?? 0
    const untilMs = named.window?.endMs ?? this.#options.nowMs() + futureMs
    try {
      if (range !== null) window.setBase(await this.#options.readBase(budget, range))
      window.setCorrections(await this.#options.readCorrections(budget, { sinceMs, untilMs }))
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /** Deletes windows that have ended and hold nothing. */
  sweep(): void {
    const now = this.#options.nowMs()
    for (const [name, { budget, named, window }] of this.#windows) {
      const { endMs } = named.window ?? { endMs: null }
      const isCurrent = this.#budgets.get(budget.id)?.activeFromMs === budget.activeFromMs
      const isOver = endMs !== null && endMs + keptMs < now
      const isFree = window.held === 0 && (this.#options.countLent?.(name) ?? 0) === 0
      if ((isOver || !isCurrent) && isFree) this.#windows.delete(name)
    }
  }

  /** Null: every call of the window is reported. */
  findBaseRange(budget: Budget, { window }: NamedWindow): BaseRange | null {
    const untilMs = Math.max(budget.activeFromMs, this.#openedAtMs)
    const rolling = findRolling(budget)
    if (window === null && rolling !== null)
      return { sinceMs: findOldestSlot(rolling, this.#options.nowMs()) * rolling.slotMs, untilMs }
    const { startMs } = window ?? findWindow(budget, this.#options.nowMs())
    return startMs >= untilMs ? null : { sinceMs: startMs, untilMs }
  }
}

/** A call may end long after its window: its batch, or a stream over midnight. */
const keptMs = 3_600_000

/** Clocks of processes may differ. */
const futureMs = 60_000

/** Others may take what was grown for a call, but not forever. */
const maxRounds = 100

const emptyState: BudgetState = { usedNanoUsd: 0, heldNanoUsd: 0, resetsAtMs: null }
