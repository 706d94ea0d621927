import type { Database, Queries } from '../store/database.ts'
import { getLimit } from './budget.ts'
import type { Budget } from './budget.ts'
import type { BookedWindow, WindowList } from './booked-window.ts'
import {
  dropEarlierShares,
  lockWindow,
  readShares,
  readWishes,
  writeShare,
  writeWish,
} from './share-table.ts'
import { SilentServers } from './silent-servers.ts'

interface StoreSharesOptions {
  readonly database: Database
  /** Identifies this server among those on the store: the id of its data folder, and another one for each start. */
  readonly holder: string
  readonly nowMs: () => number
  /** The sum of the ledger for a window, without the calls of the servers that have a share of it. */
  readonly readBase: (
    queries: Queries,
    booked: BookedWindow,
    holders: ReadonlyMap<string, { readonly sinceMs: number }>,
    isShown: boolean,
  ) => Promise<number>
  /** Takes back what the workers of this server do not use of a window, and resolves when they have answered. Default: it has no workers. */
  readonly recall?: ((name: string) => Promise<void>) | undefined
  /** Lets what the store has of batches that other servers have settled take the place of their holds in a window. Default: there are no batches. */
  readonly settleBatches?: ((booked: BookedWindow) => Promise<void>) | undefined
  readonly onError: (error: unknown) => void
}

/** Interval of the look for windows of which another server needs a share. */
const pollMs = 100
/** Interval at which a server that needs money looks for shares that others gave back. */
const retryMs = 40
/**
 * Time for which it waits for servers that do not answer: they were killed, or their process is too busy. A wish is
 * answered for as long.
 */
const waitMs = 5_000

/** Calls that wait for a share of one window. */
interface Line {
  /** The sum of the amounts for the next round. */
  amount: number
  /** The round that has not begun. */
  next: Promise<boolean> | null
  last: Promise<boolean>
  /** Rounds that have not ended. */
  open: number
}

/**
 * The result of a transaction that looked for a share. `short`: the store has too little, and nobody has to be asked;
 * `waiting`: others were asked by a wish; `answered`: all of them have answered it.
 */
type Taken =
  | { readonly kind: 'granted' }
  | { readonly kind: 'short' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'waiting'; readonly wish: number }

interface TakeOptions {
  readonly amount: number
  /** The wish that others are asked by; null: a new one. */
  readonly wish: number | null
  /** How often others were asked. */
  readonly asked: number
  /** Nobody is waited for any more, so a part of the amount is taken as well. */
  readonly isLast: boolean
}

/**
 * The shares of budget windows that several servers on one store have. A share is what a server has spent and may still
 * spend; all shares of a window together never exceed its limit. A server that needs more takes it in one transaction,
 * and asks the others for what they do not use. The share of a server that died counts as spent, until it starts again.
 */
export class StoreShares {
  readonly #options: StoreSharesOptions
  readonly #openedAtMs: number
  /** By window: the share of this server, and the amount of all others with that of the ledger. */
  readonly #own = new Map<string, number>()
  readonly #others = new Map<string, number>()
  readonly #lines = new Map<string, Line>()
  /** Windows whose shares of earlier starts are deleted. */
  readonly #cleaned = new Set<string>()
  readonly #silent = new SilentServers()
  /** Windows of which workers are asked to return what they do not use. */
  readonly #recalling = new Set<string>()
  /** By window: the last wish after which workers were asked and have answered, and the last one that is answered. */
  readonly #recalled = new Map<string, number>()
  readonly #answered = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #book: WindowList | null = null
  #polling: Promise<void> | null = null
  #closed = false

  constructor(options: StoreSharesOptions) {
    this.#options = options
    this.#openedAtMs = options.nowMs()
    this.#timer = setInterval(() => this.#poll(), pollMs)
    this.#timer.unref()
  }

  /** The book whose windows spend the shares. */
  attach(book: WindowList): void {
    this.#book = book
  }

  /** Replaces shares of earlier starts of this server by the cost of its calls, and reads what others have. */
  async open(windows: readonly BookedWindow[]): Promise<void> {
    for (const booked of windows)
      await this.#options.database.transaction(async (queries) => {
        const { name } = booked.named
        await lockWindow(queries, name, this.#options.nowMs())
        const { others } = await this.#readOthers(queries, booked)
        this.#others.set(name, others)
      })
    for (const { named } of windows) this.#cleaned.add(named.name)
  }

  /** The amount that this server may have spent of a window in all. */
  getShare(name: string): number {
    return this.#own.get(name) ?? 0
  }

  /** The amount that other servers have spent or may spend, as last seen. */
  getOthers(name: string): number {
    return this.#others.get(name) ?? 0
  }

  /** Reads what others have, for what users see: it changes without this server, as when another one settles a batch. */
  async look(booked: BookedWindow): Promise<void> {
    const { name } = booked.named
    // Nobody has a share of a budget that only warns.
    if (!this.#cleaned.has(name) || this.#findBudget(booked.budget).action === 'warn') return
    const { others } = await this.#readOthers(this.#options.database, booked, true)
    if (this.#others.has(name)) this.#others.set(name, others)
  }

  /**
   * Makes room for an amount in a window. False: the store has too little; then as much as there is was taken. Calls that
   * come while a transaction runs share the next one.
   */
  grow(booked: BookedWindow, amount: number): Promise<boolean> {
    const { name } = booked.named
    const line = this.#lines.get(name) ?? { amount: 0, next: null, last: Promise.resolve(true), open: 0 }
    this.#lines.set(name, line)
    line.amount += amount
    if (line.next !== null) return line.next
    line.open += 1
    line.next = line.last.then(() => this.#runRound(booked, line))
    return line.next
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    for (const known of [this.#own, this.#others, this.#cleaned, this.#recalled, this.#answered])
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    this.#silent.retain(names)
  }

  /** Gives back what is not used. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#polling
    // It will never give back more, so nobody has to wait for its answer.
    for (const name of this.#own.keys()) await this.#shrink(name, Number.MAX_SAFE_INTEGER).catch(() => {})
  }

  #runRound(booked: BookedWindow, line: Line): Promise<boolean> {
    const { amount } = line
    line.amount = 0
    line.next = null
    line.last = this.#growUntil(booked, amount)
      .catch((error: unknown) => {
        this.#options.onError(error)
        return false
      })
      .finally(() => {
        line.open -= 1
        if (line.open === 0) this.#lines.delete(booked.named.name)
      })
    return line.last
  }

  async #growUntil(booked: BookedWindow, amount: number): Promise<boolean> {
    // A share that is given back at the moment must not grow meanwhile.
    await this.#polling
    const deadlineMs = performance.now() + waitMs
    let [wish, asked]: [number | null, number] = [null, 1]
    for (;;) {
      const isLast = this.#closed || performance.now() >= deadlineMs
      await this.#options.settleBatches?.(booked)
      const taken = await this.#take(booked, { amount, wish, asked, isLast })
      if (taken.kind === 'granted') return true
      if (taken.kind === 'short' || isLast) return false
      if (taken.kind === 'answered') {
        wish = null
        asked += 1
        continue
      }
      wish = taken.wish
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }

  async #take(booked: BookedWindow, options: TakeOptions): Promise<Taken> {
    const { database, nowMs } = this.#options
    const { name } = booked.named
    const { taken, share, others } = await database.transaction(async (queries) => {
      const lastWish = await lockWindow(queries, name, nowMs())
      const found = await this.#readOthers(queries, booked)
      const { own, others: besides, shares } = found
      const limit = getLimit(this.#findBudget(booked.budget), nowMs())
      const inUse = this.#book?.countInUse(booked) ?? 0
      const missing = options.amount - (Math.min(limit, own) - inUse)
      const free = Math.max(0, limit - own - besides)
      const keep = async (amountNanoUsd: number, result: Taken, answeredWish = 0) => {
        // Nothing may be taken from a part that is given back.
        if (amountNanoUsd < own) this.#own.set(name, amountNanoUsd)
        if (amountNanoUsd !== own || answeredWish > 0)
          await this.#write(queries, name, { amountNanoUsd, answeredWish })
        return { taken: result, share: amountNanoUsd, others: besides }
      }
      if (missing <= free) {
        // Another server waits for what is not used.
        if (lastWish > nowMs() - waitMs) return keep(own + missing, { kind: 'granted' }, lastWish)
        // More than is missing, so that not every call needs a transaction.
        const more = missing <= 0 ? 0 : Math.max(missing, Math.floor(free / partsOfFree))
        return keep(own + Math.min(free, more), { kind: 'granted' })
      }
      const wish = options.wish ?? Math.max(nowMs(), lastWish + 1)
      if (options.wish === null) await writeWish(queries, name, wish)
      if (options.isLast) this.#silent.note(name, shares, wish)
      const isAwaited = this.#silent.isAwaited(name, shares, wish)
      // Calls end between the answers of two servers, so all of them are asked twice.
      if (options.isLast || (!isAwaited && (options.wish === null || options.asked >= maxAsked)))
        return keep(own + free, { kind: 'short' })
      // Two servers that wait for each other's unused shares would both refuse a call, so each gives back its own.
      return keep(
        Math.min(own, inUse),
        isAwaited ? { kind: 'waiting', wish } : { kind: 'answered' },
        lastWish,
      )
    })
    this.#cleaned.add(name)
    this.#own.set(name, share)
    this.#others.set(name, others)
    return taken
  }

  #write(
    queries: Queries,
    name: string,
    share: { readonly amountNanoUsd: number; readonly answeredWish: number },
  ): Promise<void> {
    const { holder } = this.#options
    return writeShare(queries, { name, holder, sinceMs: this.#openedAtMs, ...share })
  }

  /** Reads the shares of a window. What the ledger has besides their calls counts to that of the others. */
  async #readOthers(queries: Queries, booked: BookedWindow, isShown = false) {
    const { holder, readBase } = this.#options
    const { name } = booked.named
    // This server is the only one with its data folder: an earlier one has ended, and all of its calls are stored.
    const prefix = holder.slice(0, holder.indexOf('.') + 1)
    const hadShare = !this.#cleaned.has(name) && (await dropEarlierShares(queries, name, { prefix, holder }))
    if (hadShare) {
      // Others read the ledger again when other servers have shares, so an empty one shows that this server has started.
      await this.#write(queries, name, { amountNanoUsd: 0, answeredWish: 0 })
      // They wait for its answers too.
      this.#own.set(name, 0)
    }
    const shares = await readShares(queries, name)
    let others = await readBase(queries, booked, shares, isShown)
    const own = shares.get(holder)?.amountNanoUsd ?? 0
    shares.delete(holder)
    for (const { amountNanoUsd } of shares.values()) others += amountNanoUsd
    return { own, others, shares }
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
    const { database, nowMs, recall } = this.#options
    for (const [name, wish] of await readWishes(database, nowMs() - waitMs)) {
      if (!this.#own.has(name) || this.#lines.has(name)) continue
      const booked = this.#findWindow(name)
      if (booked !== undefined) await this.#options.settleBatches?.(booked)
      const known = this.#answered.get(name) ?? 0
      const answered = recall === undefined ? wish : (this.#recalled.get(name) ?? 0)
      if (answered > known || this.#countInUse(name) < this.getShare(name))
        await this.#shrink(name, Math.max(answered, known))
      this.#recall(name, wish)
    }
  }

  /** Workers that were asked before the wish may have kept for a call what is free by now, so each wish needs its own recall. */
  #recall(name: string, wish: number): void {
    const { recall } = this.#options
    if (recall === undefined || this.#recalling.has(name)) return
    this.#recalling.add(name)
    void recall(name).finally(() => {
      this.#recalling.delete(name)
      this.#recalled.set(name, wish)
    })
  }

  #countInUse(name: string): number {
    const booked = this.#findWindow(name)
    return booked === undefined ? 0 : (this.#book?.countInUse(booked) ?? 0)
  }

  #findWindow(name: string): BookedWindow | undefined {
    return this.#book?.listWindows().find(({ named }) => named.name === name)
  }

  /** Reduces the share to what is spent, held and lent. Nothing may be taken from the part that is given back, so that is first. */
  async #shrink(name: string, answeredWish: number): Promise<void> {
    const { database, nowMs } = this.#options
    const amountNanoUsd = Math.min(this.getShare(name), this.#countInUse(name))
    this.#own.set(name, amountNanoUsd)
    await database.transaction(async (queries) => {
      await lockWindow(queries, name, nowMs())
      await this.#write(queries, name, { amountNanoUsd, answeredWish })
    })
    this.#answered.set(name, answeredWish)
  }

  #findBudget(budget: Budget): Budget {
    return this.#book?.budgets.find(({ id }) => id === budget.id) ?? budget
  }
}

/** A server takes a tenth of what is free, so that not every call needs a transaction. */
const partsOfFree = 10

/** A server that needs money asks all others twice before it refuses a call. */
const maxAsked = 2
