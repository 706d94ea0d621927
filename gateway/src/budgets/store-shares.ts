import { readNumber, readText } from '../store/database.ts'
import type { Database, Queries } from '../store/database.ts'
import type { Budget } from './budget.ts'
import { getLimit } from './budget.ts'
import type { BookedWindow, WindowList } from './booked-window.ts'

interface StoreSharesOptions {
  readonly database: Database
  /** Identifies this server among those on the store: the id of its data folder, and another one for each start. */
  readonly holder: string
  readonly nowMs: () => number
  /** The sum of the ledger for a window, before any server had a share of it. */
  readonly readBase: (queries: Queries, booked: BookedWindow) => Promise<number>
  /** The sum of the ledger for a server that has ended; it had a share of the window. */
  readonly readHolder: (queries: Queries, booked: BookedWindow, holder: string) => Promise<number>
  readonly onError: (error: unknown) => void
}

/** The holder of what was spent before any server had a share. */
const baseHolder = 'base'

/** Interval of the look for windows of which another server needs a share. */
const pollMs = 100
/** Time for which a server that needs money waits for the shares of others. */
const waitMs = 400

/**
 * The shares of budget windows that several servers on one store have. A share is what a server has spent and may still
 * spend; all shares of a window together never exceed its limit. A server that needs more takes it in one transaction,
 * and asks the others for what they do not use. The share of a server that died counts as spent, until it starts again.
 */
export class StoreShares {
  readonly #options: StoreSharesOptions
  /** By window: the share of this server, and those of all others. */
  readonly #own = new Map<string, number>()
  readonly #others = new Map<string, number>()
  readonly #reconciled = new Set<string>()
  readonly #growing = new Map<string, Promise<void>>()
  readonly #timer: NodeJS.Timeout
  #book: WindowList | null = null
  #polling: Promise<void> | null = null
  #closed = false

  constructor(options: StoreSharesOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#poll(), pollMs)
    this.#timer.unref()
  }

  /** The book whose windows spend the shares. */
  attach(book: WindowList): void {
    this.#book = book
  }

  /** The amount that this server may have spent of a window in all. */
  getShare(name: string): number {
    return this.#own.get(name) ?? 0
  }

  /** The amount that other servers have spent or may spend, as last seen. */
  getOthers(name: string): number {
    return this.#others.get(name) ?? 0
  }

  /** Takes more of a window, if there is any; one transaction at a time for each. */
  grow(booked: BookedWindow, missing: number): Promise<void> {
    const { name } = booked.named
    const known = this.#growing.get(name)
    if (known !== undefined) return known
    const growing = this.#growUntil(booked, missing)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => this.#growing.delete(name))
    this.#growing.set(name, growing)
    return growing
  }

  /** Gives back what is not used. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#polling
    for (const name of this.#own.keys()) await this.#shrink(name).catch(() => {})
  }

  async #growUntil(booked: BookedWindow, missing: number): Promise<void> {
    // A share that is given back at the moment must not grow meanwhile.
    await this.#polling
    const deadlineMs = performance.now() + waitMs
    while (!(await this.#take(booked, missing)) && performance.now() < deadlineMs && !this.#closed)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
  }

  /** Returns true if the missing amount was taken, or if no other server could give any of it. */
  async #take(booked: BookedWindow, missing: number): Promise<boolean> {
    const { database, holder, nowMs } = this.#options
    const { budget, named } = booked
    return database.transaction(async (queries) => {
      await lock(queries, named.name, nowMs())
      const shares = await readShares(queries, named.name)
      // Calls that are too old for a rolling window leave its base.
      if (!shares.has(baseHolder) || budget.rolling) {
        const base = await this.#options.readBase(queries, booked)
        await write(queries, { name: named.name, holder: baseHolder, amount: base })
        shares.set(baseHolder, base)
      }
      await this.#reconcile(queries, booked, shares)
      const own = shares.get(holder) ?? 0
      let all = 0
      for (const amount of shares.values()) all += amount
      const limit = getLimit(this.#findBudget(budget), nowMs())
      const free = limit - all
      const others = all - own
      this.#others.set(named.name, others)
      const given = Math.max(0, Math.min(free, Math.max(missing, Math.floor(free / partsOfFree))))
      if (given > 0) await write(queries, { name: named.name, holder, amount: own + given })
      this.#own.set(named.name, own + given)
      if (given >= missing) return true
      const isElsewhere = [...shares.keys()].some((each) => each !== holder && each !== baseHolder)
      if (isElsewhere)
        await queries.query('UPDATE budget_windows SET wanted_at_ms = ? WHERE name = ?', [
          nowMs(),
          named.name,
        ])
      return !isElsewhere
    })
  }

  /** This server is the only one with its data folder, so an earlier one has ended, and all of its calls are stored. */
  async #reconcile(queries: Queries, booked: BookedWindow, shares: Map<string, number>): Promise<void> {
    const { holder, readHolder } = this.#options
    const { name } = booked.named
    if (this.#reconciled.has(name)) return
    const replica = holder.slice(0, holder.indexOf('.') + 1)
    for (const other of shares.keys()) {
      if (other === holder || !other.startsWith(replica)) continue
      const amount = await readHolder(queries, booked, other)
      await write(queries, { name, holder: other, amount })
      shares.set(other, amount)
    }
    this.#reconciled.add(name)
  }

  #findBudget(budget: Budget): Budget {
    return this.#book?.budgets.find(({ id }) => id === budget.id) ?? budget
  }

  #poll(): void {
    this.#polling ??= this.#giveBack()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#polling = null
      })
  }

  async #giveBack(): Promise<void> {
    if (this.#own.size === 0) return
    const { database, nowMs } = this.#options
    const rows = await database.query('SELECT name FROM budget_windows WHERE wanted_at_ms > ?', [
      nowMs() - wantedMs,
    ])
    for (const row of rows) {
      const name = readText(row, 'name')
      if (this.#own.has(name) && !this.#growing.has(name)) await this.#shrink(name)
    }
  }

  /** Reduces the share to what is spent, held and lent. Nothing may be taken from the part that is given back, so that is first. */
  async #shrink(name: string): Promise<void> {
    const { database, holder, nowMs } = this.#options
    const booked = this.#book?.listWindows().find(({ named }) => named.name === name)
    const used = booked === undefined ? 0 : (this.#book?.countInUse(booked) ?? 0)
    if (used >= this.getShare(name)) return
    this.#own.set(name, used)
    await database.transaction(async (queries) => {
      await lock(queries, name, nowMs())
      await write(queries, { name, holder, amount: used })
    })
  }
}

/** A server takes a tenth of what is free, so that not every call needs a transaction. */
const partsOfFree = 10

/** A wish is forgotten after this time. */
const wantedMs = 1_000

/** Every change of a window's shares waits for the one before. */
async function lock(queries: Queries, name: string, nowMs: number): Promise<void> {
  await queries.query(
    'INSERT INTO budget_windows (name, changed_at_ms, wanted_at_ms) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET changed_at_ms = excluded.changed_at_ms',
    [name, nowMs],
  )
}

async function readShares(queries: Queries, name: string): Promise<Map<string, number>> {
  const rows = await queries.query('SELECT holder, amount_nano_usd FROM budget_leases WHERE name = ?', [name])
  return new Map(rows.map((row) => [readText(row, 'holder'), readNumber(row, 'amount_nano_usd')]))
}

async function write(
  queries: Queries,
  { name, holder, amount }: { readonly name: string; readonly holder: string; readonly amount: number },
): Promise<void> {
  await queries.query(
    `INSERT INTO budget_leases (name, holder, amount_nano_usd) VALUES (?, ?, ?)
     ON CONFLICT (name, holder) DO UPDATE SET amount_nano_usd = excluded.amount_nano_usd`,
    [name, holder, amount],
  )
}
