import type { Allowance, KeptEntry } from './allowance.ts'
import type { SlotEntries } from './message.ts'
import { countedSlots, slotsPerWindow } from './sliding-window.ts'

/** The time until which this process may use its leases. */
export interface LeaseValidity {
  readonly untilMs: number
}

const always: LeaseValidity = { untilMs: Infinity }

/** The use of a lease since the last report. */
export interface LeaseReport {
  readonly taken: number
  readonly entries: SlotEntries
  readonly kept: readonly KeptEntry[]
}

/**
 * A share of an allowance that the primary lends to this process, which uses it
 * without a message and reports afterwards. The primary counts all of it as used
 * until then, so usage in a window never exceeds the limit.
 */
export class Lease implements Allowance {
  readonly limit: number
  /** Lent, and not yet reserved for a call. */
  left = 0
  /** The part of the limit that was not lent, as last reported by the primary. */
  free = 0
  /** Time at which the whole limit is available again, as last reported by the primary. */
  resetAtMs = 0
  readonly #slotMs: number
  readonly #validity: LeaseValidity
  #taken = 0
  #entries = new Map<number, number>()
  #kept: KeptEntry[] = []
  #lastSlot = -Infinity

  constructor(limit: number, windowMs: number, validity: LeaseValidity = always) {
    this.limit = limit
    this.#validity = validity
    this.#slotMs = windowMs / slotsPerWindow
  }

  get hasUnreported(): boolean {
    return this.#taken > 0 || this.#entries.size > 0 || this.#kept.length > 0
  }

  room(nowMs: number): number {
    return nowMs < this.#validity.untilMs ? this.left : 0
  }

  remaining(): number {
    return Math.max(0, this.free + this.left)
  }

  /** Holds are not reported: the amount stays lent until it is counted. */
  hold(amount: number): void {
    this.left -= amount
  }

  drop(amount: number): void {
    this.left += amount
  }

  count(amount: number, nowMs: number): number {
    this.#taken += amount
    return this.#enterNow(amount, nowMs)
  }

  correct(slot: number, difference: number, nowMs: number): void {
    const now = Math.floor(nowMs / this.#slotMs)
    if (slot > now - countedSlots) this.#enter(slot, difference)
    // As in SlidingWindow. Summed with other entries of its slot it could offset amounts that have not expired.
    else if (difference > 0) this.#enter(now, difference)
  }

  /** The report reaches the primary before the old slot expires, because slots are kept slightly longer than the window. */
  move(slot: number, amount: number, nowMs: number): number {
    this.correct(slot, -amount, nowMs)
    return this.#enterNow(amount, nowMs)
  }

  /**
   * Ends a hold whose real amount is known: that amount counts in the slot, the rest is free again. More than was held
   * counts too, although nothing is lent for it.
   */
  settle(slot: number, held: number, used: number): void {
    const taken = Math.min(held, used)
    this.left += held - taken
    this.#taken += taken
    this.#enter(slot, used)
  }

  /** Ends the hold of a stored object, whose amount counts until its cost takes the place. */
  keep(entry: KeptEntry, held: number): void {
    this.#taken += held
    this.#kept.push(entry)
  }

  /** Unknown here; the primary's denial contains it. */
  waitMs(): number {
    return 0
  }

  resetInMs(nowMs: number): number {
    return Math.max(0, (this.#lastSlot + countedSlots) * this.#slotMs - nowMs, this.resetAtMs - nowMs)
  }

  /** Returns the counts and entries since the last report. */
  report(): LeaseReport {
    const report = { taken: this.#taken, entries: [...this.#entries], kept: this.#kept }
    this.#taken = 0
    this.#entries = new Map()
    this.#kept = []
    return report
  }

  /** Drops what is left after the lease has expired. */
  expire(): void {
    this.left = Math.min(this.left, 0)
  }

  returnUnused(): number {
    const unused = Math.max(0, this.left)
    this.left -= unused
    return unused
  }

  #enterNow(amount: number, nowMs: number): number {
    this.#lastSlot = Math.floor(nowMs / this.#slotMs)
    this.#enter(this.#lastSlot, amount)
    return this.#lastSlot
  }

  #enter(slot: number, amount: number): void {
    this.#entries.set(slot, (this.#entries.get(slot) ?? 0) + amount)
  }
}
