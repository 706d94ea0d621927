import type { KeptEntry, SharedAllowance } from '../leases/allowance.ts'
import { findOldestSlot } from './window.ts'
import type { RollingWindow } from './window.ts'

/** Money of one window of a budget, from which calls of this process or of workers take. Amounts are nano-dollars. */
export interface MoneyPool {
  /** The amount that a hold may have; negative if more was used than was held. */
  room(nowMs: number): number
  hold(amount: number): void
  /** Ends a hold without use. */
  drop(amount: number): void
  /** Ends a hold: the used amount counts in the slot. */
  settle(slot: number, held: number, used: number): void
  /** Ends the hold of a batch: its amount counts until the batch is settled. */
  keep(entry: KeptEntry, held: number): void
}

interface BudgetWindowOptions {
  readonly getLimit: (nowMs: number) => number
  /** Null: a calendar window, in which everything counts in slot 0. */
  readonly rolling: RollingWindow | null
}

/** The amounts that are known of a process that exited. */
interface ExitedProcess {
  /** The part that it held or had not used, which counts until its rows are read. */
  lost: number
}

/** A batch that is not settled. */
interface KeptBatch {
  /** The process that created it. */
  readonly worker: number
  readonly slot: number
  readonly amount: number
}

/** The worker number of this process itself. */
const ownProcess = -1
/** That of the corrections of prices, which count as the report of a process does. */
const corrections = -2

/**
 * The truth about one window of a budget: what is settled and what is held. The lease server lends from it. What a
 * process reports is kept apart from the base, which comes from the ledger, so that the rows of a process that exited
 * can take the place of its reports. A batch counts with its hold until its costs take the place.
 */
export class BudgetWindow implements MoneyPool, SharedAllowance {
  readonly #getLimit: (nowMs: number) => number
  readonly #rolling: RollingWindow | null
  #base: ReadonlyMap<number, number> = new Map()
  readonly #reported = new Map<number, Map<number, number>>()
  readonly #exited = new Map<number, ExitedProcess>()
  readonly #kept = new Map<string, KeptBatch>()
  #held = 0
  #nowMs = 0
  #sum = 0
  #summedSlot = Number.NaN

  constructor({ getLimit, rolling }: BudgetWindowOptions) {
    this.#getLimit = getLimit
    this.#rolling = rolling
  }

  get limit(): number {
    return this.#getLimit(this.#nowMs)
  }

  get held(): number {
    return this.#held
  }

  /** Settled amounts that count now, and the leases of exited processes whose rows are not read yet. */
  used(nowMs: number): number {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    const oldest = this.#rolling === null ? 0 : findOldestSlot(this.#rolling, this.#nowMs)
    if (oldest !== this.#summedSlot) this.#sumSlots(oldest)
    let lost = 0
    for (const exited of this.#exited.values()) lost += exited.lost
    return this.#sum + lost
  }

  room(nowMs: number): number {
    return this.#getLimit(nowMs) - this.used(nowMs) - this.#held
  }

  hold(amount: number): void {
    this.#held += amount
  }

  drop(amount: number): void {
    this.#held -= amount
  }

  settle(slot: number, held: number, used: number): void {
    this.#held -= held
    this.#add(ownProcess, slot, used)
  }

  keep(entry: KeptEntry, held: number): void {
    this.#held -= held
    this.keepFor(ownProcess, entry)
  }

  /** A batch with the id of an earlier one takes its place: the upstream has lost that one. */
  keepFor(worker: number, [id, slot, amount]: KeptEntry): void {
    this.#kept.set(id, { worker, slot, amount })
    this.#summedSlot = Number.NaN
  }

  get hasKept(): boolean {
    return this.#kept.size > 0
  }

  /** The ids of the batches that are not settled. */
  listKept(): readonly string[] {
    return [...this.#kept.keys()]
  }

  /** The cost of a batch takes the place of its hold, once. */
  settleKept(id: string, cost: number): void {
    const batch = this.#kept.get(id)
    if (batch === undefined) return
    this.#kept.delete(id)
    this.#add(batch.worker, batch.slot, cost)
    this.#summedSlot = Number.NaN
  }

  correct(slot: number, amount: number, nowMs: number, worker: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    this.#add(worker, slot, amount)
  }

  lose(amount: number, _nowMs: number, worker: number): void {
    const exited = this.#exited.get(worker)
    if (exited === undefined) this.#exited.set(worker, { lost: amount })
    else exited.lost += amount
  }

  /** True if a process that exited has reported to this window, or held a part of it. */
  knows(worker: number): boolean {
    return (
      this.#reported.has(worker) ||
      this.#exited.has(worker) ||
      [...this.#kept.values()].some((batch) => batch.worker === worker)
    )
  }

  /** The rows of a process that exited, by slot, and its unsettled batches take the place of its reports and its leases. */
  replace(worker: number, rows: ReadonlyMap<number, number>, unsettled: readonly KeptEntry[]): void {
    this.#exited.delete(worker)
    for (const [id, batch] of this.#kept) if (batch.worker === worker) this.#kept.delete(id)
    for (const entry of unsettled) this.keepFor(worker, entry)
    this.#reported.set(worker, new Map(rows))
    this.#summedSlot = Number.NaN
  }

  /** Sets what the ledger knows of the time before any process reported, by slot. */
  setBase(base: ReadonlyMap<number, number>): void {
    this.#base = base
    this.#summedSlot = Number.NaN
  }

  /** Sets the corrections of the calls that processes have reported, by slot. */
  setCorrections(slots: ReadonlyMap<number, number>): void {
    this.#reported.set(corrections, new Map(slots))
    this.#summedSlot = Number.NaN
  }

  waitMs(): number {
    return 0
  }

  /** A calendar window ends by its name; the end of a rolling one is when its oldest amount is too old. */
  resetInMs(nowMs: number): number {
    if (this.#rolling === null) return 0
    const oldest = findOldestSlot(this.#rolling, nowMs)
    const { lengthMs, slotMs } = this.#rolling
    let first = Infinity
    for (const slots of [this.#base, ...this.#reported.values()])
      for (const [slot, amount] of slots) if (slot >= oldest && amount > 0) first = Math.min(first, slot)
    for (const { slot } of this.#kept.values()) if (slot >= oldest) first = Math.min(first, slot)
    return first === Infinity ? 0 : (first + 1) * slotMs + lengthMs - nowMs
  }

  #add(worker: number, slot: number, amount: number): void {
    const slots = this.#reported.get(worker) ?? new Map<number, number>()
    slots.set(slot, (slots.get(slot) ?? 0) + amount)
    this.#reported.set(worker, slots)
    if (!(slot < this.#summedSlot)) this.#sum += amount
  }

  #sumSlots(oldest: number): void {
    this.#summedSlot = oldest
    this.#sum = 0
    for (const slots of [this.#base, ...this.#reported.values()])
      for (const [slot, amount] of slots) if (slot >= oldest) this.#sum += amount
    for (const { slot, amount } of this.#kept.values()) if (slot >= oldest) this.#sum += amount
    for (const slots of this.#reported.values())
      for (const slot of slots.keys()) if (slot < oldest - maxLateSlots) slots.delete(slot)
  }
}

/** A call may settle long after it began, and its worker may exit after that. */
const maxLateSlots = 1_000
