import type { Queries } from '../store/database.ts'
import type { BookedWindow } from './booked-window.ts'
import type { SpendRange } from './spend-query.ts'
import { nameUnsettled } from './batch-spend.ts'
import { readRevision } from './budget-table.ts'
import { findRolling } from './budget.ts'
import { findOldestSlot } from './window.ts'

interface ShareBaseOptions {
  readonly nowMs: () => number
  /** Reads what the ledger has for a window, by slot. */
  readonly read: (
    queries: Queries,
    booked: BookedWindow,
    range: SpendRange,
  ) => Promise<ReadonlyMap<number, number>>
}

type BaseRange = SpendRange & { readonly cutMs: number }

/** The servers that have a share of a window, with the time of their start. */
export type Holders = ReadonlyMap<string, { readonly sinceMs: number }>

interface KnownBase {
  readonly holders: string
  /** That of the budgets, which corrections of prices raise. */
  readonly revision: number
  /** The unsettled batches that count in it. */
  readonly batches: string
  readonly slots: ReadonlyMap<number, number>
  readonly readAtMs: number
}

/**
 * What the ledger has of the windows of budgets besides the calls of the servers that have a share of them. It is read
 * again when other servers have shares: the calls of a server that has started again count here. So do its batches, and
 * it is read again when one of them is settled, and after corrections of prices.
 */
export class ShareBase {
  readonly #options: ShareBaseOptions
  readonly #known = new Map<string, KnownBase>()

  constructor(options: ShareBaseOptions) {
    this.#options = options
  }

  /** `isShown`: for what users see, calls that end while a budget is new may be missing until the next decision. */
  async sum(queries: Queries, booked: BookedWindow, shares: Holders, isShown = false): Promise<number> {
    const { budget, named } = booked
    const nowMs = this.#options.nowMs()
    const holders = [...shares.keys()].toSorted().join(' ')
    const known = this.#known.get(named.name)
    const range = this.#findRange(booked, shares)
    // Before the sums, so that a batch that is settled meanwhile, or a correction, makes them be read again.
    const revision = await readRevision(queries)
    const batches = await nameUnsettled(queries, range)
    const isSame = known?.holders === holders && known.revision === revision && known.batches === batches
    const isKnown = isSame && (isShown || !this.#mayChange(booked, known))
    const slots = isKnown ? known.slots : await this.#read(queries, booked, range)
    if (!isKnown) this.#known.set(named.name, { holders, revision, batches, slots, readAtMs: nowMs })
    const rolling = findRolling(budget)
    const oldest = rolling === null ? 0 : findOldestSlot(rolling, nowMs)
    let sum = 0
    for (const [slot, amount] of slots) if (slot >= oldest) sum += amount
    return sum
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
  }

  /** Calls that run while a budget is created hold nothing on it, and count when they have ended. */
  #mayChange({ budget, named }: BookedWindow, { readAtMs }: KnownBase): boolean {
    const nowMs = this.#options.nowMs()
    if (named.window !== null && named.window.startMs >= budget.activeFromMs) return false
    return readAtMs < budget.activeFromMs + maxCallMs && nowMs - readAtMs > rereadMs
  }

  /** The calls and batches that count: all before the cut, and after it those of servers without a share. */
  #findRange({ budget, named }: BookedWindow, shares: Holders): BaseRange {
    const nowMs = this.#options.nowMs()
    const rolling = findRolling(budget)
    const oldestMs = rolling === null ? 0 : findOldestSlot(rolling, nowMs) * rolling.slotMs
    const sinceMs = named.window?.startMs ?? oldestMs
    const untilMs = named.window?.endMs ?? nowMs + futureMs
    // Before the budget counted, and before any of these servers had started, no call is part of a share.
    const firstStartMs = Math.min(...[...shares.values()].map((share) => share.sinceMs))
    const cutMs = Math.min(untilMs, Math.max(sinceMs, budget.activeFromMs, firstStartMs))
    return { sinceMs, cutMs, untilMs, processes: { except: [...shares.keys()] } }
  }

  async #read(
    queries: Queries,
    booked: BookedWindow,
    { sinceMs, cutMs, untilMs, processes }: BaseRange,
  ): Promise<ReadonlyMap<number, number>> {
    const before = await this.#options.read(queries, booked, { sinceMs, untilMs: cutMs, processes: 'all' })
    const after = await this.#options.read(queries, booked, { sinceMs: cutMs, untilMs, processes })
    const slots = new Map(before)
    for (const [slot, amount] of after) slots.set(slot, (slots.get(slot) ?? 0) + amount)
    return slots
  }
}

/** No call runs longer. */
const maxCallMs = 3_700_000
const rereadMs = 2_000
/** Clocks of servers may differ. */
const futureMs = 60_000
