import { monotonicMs } from '../clock.ts'
import { readOwnerNames } from '../ledger/owner-names.ts'
import type { OwnerNames } from '../ledger/owner-names.ts'
import type { Log } from '../log.ts'
import { readNumber } from '../store/database.ts'
import type { Database, Queries } from '../store/database.ts'
import { findRolling, getLimit } from './budget.ts'
import type { Budget } from './budget.ts'
import { BudgetBook } from './book.ts'
import type { BookedWindow } from './booked-window.ts'
import { listBudgets, readRevision, storeConfiguredBudgets } from './budget-table.ts'
import type { BudgetSettings } from './budget-table.ts'
import type { BudgetNews } from './leased-money.ts'
import { KeptBatches } from './kept-batches.ts'
import { LedgerSpend } from './ledger-spend.ts'
import type { BudgetState, SettledBatch } from './money.ts'
import { ReadInTurns } from './read-in-turns.ts'
import { noNames } from './scope.ts'
import { readCorrections, readSpend } from './spend.ts'
import type { SpendRange, SpendSource } from './spend-query.ts'
import { ShareBase } from './share-base.ts'
import { StoreShares } from './store-shares.ts'
import { findOldestSlot } from './window.ts'

export interface BudgetOwnerOptions {
  readonly database: Database
  readonly configured: readonly (BudgetSettings & { readonly id: string })[]
  /** Keys that are not in the store, by name. */
  readonly builtInKeys: readonly { readonly id: string; readonly name: string }[]
  readonly nowMs: () => number
  readonly log: Log
  readonly countLent?: (windowName: string) => number
  /** Takes back what the workers of this server do not use of a window, and resolves when they have answered. */
  readonly recall?: (windowName: string) => Promise<void>
  /** Identifies this server among several on one store. */
  readonly holder: string
  /** Called when the share of a current window that is used may have changed. */
  readonly onUsed?: (booked: BookedWindow, usedNanoUsd: number, limitNanoUsd: number) => void
  /** Called with changed budgets or states. */
  readonly onNews?: (news: BudgetNews) => void
}

/** The process that owns the truth about budgets: it follows the store's table, and keeps the book. */
export interface BudgetOwner {
  readonly book: BudgetBook
  readonly names: OwnerNames
  /** The budgets and their states now. */
  getNews(): BudgetNews
  /** Reads the table at once instead of at the next poll. */
  refresh(): Promise<void>
  /** The rows of a process that exited, which are all in the ledger, take the place of its leases. */
  reconcile(worker: number, processId: string): Promise<void>
  close(): Promise<void>
}

/** Interval of the look for changes by other processes. */
const pollMs = 200

/** The results of batches change what the ledger has of the time before the book. */
const baseRereadMs = 10_000

/** Interval of the look for batches that other servers have settled. A server looks as well before it refuses a call. */
const settledMs = 2_000

/** Clocks of servers may differ. */
const futureMs = 60_000

/** After a budget begins to count, its base is read again at these times, until every earlier call has ended. */
const rereadAfterMs = [0, 2_000, 15_000, 120_000, 3_700_000] as const

export async function openBudgetOwner(options: BudgetOwnerOptions): Promise<BudgetOwner> {
  await storeConfiguredBudgets(options.database, options.configured, options.nowMs())
  const owner = new Owner(options, await readLatestCallMs(options.database))
  await owner.refresh()
  return owner
}

/** When the latest call of the ledger began; 0 without calls. */
async function readLatestCallMs(queries: Queries): Promise<number> {
  const [row] = await queries.query('SELECT coalesce(max(started_at_ms), 0) AS latest FROM calls')
  return row === undefined ? 0 : readNumber(row, 'latest')
}

class Owner implements BudgetOwner {
  readonly book: BudgetBook
  names: OwnerNames = noNames
  readonly #options: BudgetOwnerOptions
  readonly #shares: StoreShares | null
  readonly #base: ShareBase
  /** Null: this server is the only one, and its book has everything. */
  readonly #ledgerSpend: LedgerSpend | null
  readonly #baseTurns: ReadInTurns
  readonly #kept: KeptBatches
  readonly #pollTimer: NodeJS.Timeout
  readonly #rereads = new Set<NodeJS.Timeout>()
  #revision = -1
  #refreshing: Promise<void> | null = null
  #lastStates = ''
  #batchesSettledAtMs = 0

  constructor(options: BudgetOwnerOptions, latestCallMs: number) {
    this.#options = options
    const { nowMs, countLent, recall } = options
    this.#base = new ShareBase({
      nowMs,
      read: (queries, { budget }, range) => this.#readFrom(queries, budget, range),
    })
    this.#kept = new KeptBatches({
      queries: options.database,
      onError: (error) => this.#report(error),
    })
    this.#shares =
      options.database.dialect === 'postgres'
        ? new StoreShares({
            database: options.database,
            holder: options.holder,
            nowMs,
            readBase: (queries, booked, holders, isShown) =>
              this.#base.sum(queries, booked, holders, isShown),
            recall,
            settleBatches: (booked) => this.#kept.settle([booked]),
            onError: (error) => this.#report(error),
          })
        : null
    this.#ledgerSpend =
      this.#shares === null
        ? null
        : new LedgerSpend({
            nowMs: monotonicMs,
            read: async (booked) => {
              await this.#shares?.look(booked)
              return this.#readAll(booked)
            },
            countInUse: (booked) => this.book.countInUse(booked),
            onError: (error) => this.#report(error),
          })
    this.book = new BudgetBook({
      nowMs,
      latestCallMs,
      countAll: (booked) => this.#ledgerSpend?.count(booked) ?? null,
      shares: this.#shares ?? undefined,
      readBase: (budget, range) => this.#read(budget, { ...range, processes: 'all' }),
      readCorrections: (budget, period) => readCorrections(options.database, budget, period, this.#source),
      ...(countLent !== undefined && { countLent }),
      onSettled: (batch) => this.#settleBatches(batch),
      onError: (error) => this.#report(error),
    })
    this.#shares?.attach(this.book)
    this.#baseTurns = new ReadInTurns({
      nowMs: monotonicMs,
      read: (booked) => this.book.readBase(booked),
      afterMs: baseRereadMs,
      onError: (error) => this.#report(error),
    })
    this.#pollTimer = setInterval(() => this.#tick(), pollMs)
    this.#pollTimer.unref()
  }

  getNews(): BudgetNews {
    return this.#createNews(this.#listStates())
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#readTable().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  async reconcile(worker: number, processId: string): Promise<void> {
    const nowMs = this.#options.nowMs()
    for (const booked of this.book.listWindows()) {
      const { budget, named, window } = booked
      if (!window.knows(worker)) continue
      const sinceMs = Math.max(named.window?.startMs ?? 0, budget.activeFromMs)
      const untilMs = named.window?.endMs ?? nowMs + 1
      const range = { sinceMs, untilMs, processes: { only: processId } }
      // If the store fails, its leases stay counted, so the budget still holds.
      await this.#kept.replace(booked, { worker, range, source: this.#source })
    }
    this.#tell()
  }

  async close(): Promise<void> {
    clearInterval(this.#pollTimer)
    for (const timer of this.#rereads) clearTimeout(timer)
    await this.#refreshing
    await this.#ledgerSpend?.turns.close()
    await this.#baseTurns.close()
    await this.#kept.close()
    await this.#shares?.close()
  }

  #tick(): void {
    void this.refresh()
    this.book.sweep()
    const names = new Set(this.book.listWindows().map(({ named }) => named.name))
    this.#shares?.retain(names)
    this.#base.retain(names)
    this.#ledgerSpend?.retain(names)
    this.#baseTurns.retain(names)
    const current = this.#listCurrent()
    void this.#ledgerSpend?.turns.refresh(current)
    void this.#baseTurns.refresh(current)
    this.#recallExcess()
    if (monotonicMs() - this.#batchesSettledAtMs > settledMs) this.#settleKept()
    this.#tell()
  }

  /** A batch counts in the base of windows that are newer than itself. */
  #settleBatches({ createdAtMs }: SettledBatch): void {
    this.#settleKept()
    const current = this.#listCurrent()
    for (const booked of current)
      if (this.book.isInBase(booked, createdAtMs)) this.#baseTurns.expire(booked.named.name)
    void this.#baseTurns.refresh(current)
  }

  #settleKept(): void {
    this.#batchesSettledAtMs = monotonicMs()
    void this.#kept.settle(this.book.listWindows())
  }

  /** The lent amount may exceed a limit that was lowered, or whose raise has ended. */
  #recallExcess(): void {
    const { recall } = this.#options
    if (recall === undefined) return
    const nowMs = this.#options.nowMs()
    for (const budget of this.book.budgets) {
      const booked = this.book.find(budget, nowMs)
      if (this.book.countInUse(booked) > getLimit(budget, nowMs)) void recall(booked.named.name)
    }
  }

  async #readTable(): Promise<void> {
    const { database } = this.#options
    try {
      const revision = await readRevision(database)
      if (revision === this.#revision) return
      this.names = await readOwnerNames(database)
      const known = new Map(this.book.budgets.map((budget) => [budget.id, budget]))
      const isStart = this.#revision === -1
      const budgets = await listBudgets(database)
      await this.book.setBudgets(budgets)
      if (isStart) {
        await this.#shares?.open(this.book.listWindows())
        await this.#ledgerSpend?.turns.refresh(this.#listCurrent())
      }
      this.#revision = revision
      if (!isStart)
        for (const budget of budgets)
          if (known.get(budget.id)?.activeFromMs !== budget.activeFromMs) this.#rereadLater(budget)
      this.#lastStates = ''
      this.#recallExcess()
      this.#tell()
    } catch (error) {
      this.#report(error)
    }
  }

  /** Calls that run while a budget is created hold nothing on it, and count by their rows. */
  #rereadLater(budget: Budget): void {
    const untilActiveMs = Math.max(0, budget.activeFromMs - this.#options.nowMs())
    for (const afterMs of rereadAfterMs) {
      const timer = setTimeout(() => {
        this.#rereads.delete(timer)
        const current = this.book.budgets.find(({ id }) => id === budget.id)
        if (current?.activeFromMs === budget.activeFromMs)
          void this.book.readBase(this.book.find(current, budget.activeFromMs))
      }, untilActiveMs + afterMs)
      timer.unref()
      this.#rereads.add(timer)
    }
  }

  #tell(): void {
    const { onNews, onUsed, nowMs } = this.#options
    const states = this.#listStates()
    const text = JSON.stringify(states)
    if (text === this.#lastStates) return
    this.#lastStates = text
    for (const budget of this.book.budgets) {
      const state = states[budget.id]
      if (state !== undefined)
        onUsed?.(this.book.find(budget, nowMs()), state.usedNanoUsd, getLimit(budget, nowMs()))
    }
    onNews?.(this.#createNews(states))
  }

  #createNews(states: BudgetNews['states']): BudgetNews {
    return { budgets: this.book.budgets, states, names: this.names }
  }

  #listStates(): Readonly<Record<string, BudgetState>> {
    return Object.fromEntries(this.book.budgets.map((budget) => [budget.id, this.book.getState(budget)]))
  }

  #listCurrent(): readonly BookedWindow[] {
    const nowMs = this.#options.nowMs()
    return this.book.budgets.map((budget) => this.book.find(budget, nowMs))
  }

  /** The sum of the ledger for a window, over all servers. */
  async #readAll({ budget, named }: BookedWindow): Promise<number> {
    const nowMs = this.#options.nowMs()
    const rolling = findRolling(budget)
    const oldestMs = rolling === null ? 0 : findOldestSlot(rolling, nowMs) * rolling.slotMs
    const sinceMs = named.window?.startMs ?? oldestMs
    const untilMs = named.window?.endMs ?? nowMs + futureMs
    const slots = await this.#read(budget, { sinceMs, untilMs, processes: 'all' })
    return [...slots.values()].reduce((sum, amount) => sum + amount, 0)
  }

  #read(budget: Budget, range: SpendRange): Promise<ReadonlyMap<number, number>> {
    return this.#readFrom(this.#options.database, budget, range)
  }

  #readFrom(queries: Queries, budget: Budget, range: SpendRange): Promise<ReadonlyMap<number, number>> {
    return readSpend(queries, budget, range, this.#source)
  }

  get #source(): SpendSource {
    return { names: this.names, builtInKeys: this.#options.builtInKeys }
  }

  #report(error: unknown): void {
    this.#options.log({ level: 'error', event: 'budgets_unreadable', message: String(error) })
  }
}
