import type { Allowance } from './allowance.ts'
import { countedSlots, slotsPerWindow } from './sliding-window.ts'

/**
 * A share of an allowance that the primary lends to this process: it is taken
 * from without asking, and the primary is report afterwards. Until then all of it
 * counts as used, so that no window can hold more than the limit.
 */
export class Lease implements Allowance {
  readonly limit: number
  /** Lent, and not yet held for a call. */
  left = 0
  /** What nobody had of the limit when the primary last spoke of it. */
  free = 0
  /** When all of the limit is there again, as far as the primary said. */
  resetAtMs = 0
  readonly #slotMs: number
  #taken = 0
  #entries = new Map<number, number>()
  #lastSlot = -Infinity

  constructor(limit: number, windowMs: number) {
    this.limit = limit
    this.#slotMs = windowMs / slotsPerWindow
  }

  get hasUnreported(): boolean {
    return this.#taken > 0 || this.#entries.size > 0
  }

  room(): number {
    return this.left
  }

  remaining(): number {
    return Math.max(0, this.free + this.left)
  }

  /** The primary hears of it when it is counted, and has it lent until then. */
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
    // As the window does it: summed up with others of its slot first, it would make up for what did not pass.
    else if (difference > 0) this.#enter(now, difference)
  }

  /** The primary hears of it long before the old slot has passed, which is kept for a moment beyond its minute. */
  move(slot: number, amount: number, nowMs: number): number {
    this.correct(slot, -amount, nowMs)
    return this.#enterNow(amount, nowMs)
  }

  /** The primary knows, and says so when it refuses. */
  waitMs(): number {
    return 0
  }

  resetInMs(nowMs: number): number {
    return Math.max(0, (this.#lastSlot + countedSlots) * this.#slotMs - nowMs, this.resetAtMs - nowMs)
  }

  /** What was counted and entered since the last report. */
  report(): { taken: number; entries: readonly (readonly [number, number])[] } {
    const report = { taken: this.#taken, entries: [...this.#entries] }
    this.#taken = 0
    this.#entries = new Map()
    return report
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
