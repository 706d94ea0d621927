import type { Allowance } from './allowance.ts'

/**
 * So much in any window of time, exactly: what was counted stays so until a whole
 * window has passed since the end of its slot, and what is held until it is counted. A token bucket as large as the
 * limit would let twice the limit through in its first minute; one that is small
 * enough never to do so would refuse bursts that the limit allows.
 */
export class SlidingWindow implements Allowance {
  readonly limit: number
  readonly #slotMs: number
  /** What each slot took, by its number modulo the length; see `countedSlots`. */
  readonly #slots: Float64Array
  #newest = -Infinity
  #sum = 0
  #held = 0

  constructor(limit: number, { windowMs }: { windowMs: number }) {
    this.limit = limit
    this.#slotMs = windowMs / slotsPerWindow
    this.#slots = new Float64Array(countedSlots)
  }

  room(nowMs: number): number {
    this.#advance(nowMs)
    return this.limit - this.#sum - this.#held
  }

  remaining(nowMs: number): number {
    return Math.max(0, this.room(nowMs))
  }

  hold(amount: number): void {
    this.#held += amount
  }

  count(amount: number, nowMs: number): number {
    this.#held -= amount
    return this.add(amount, nowMs)
  }

  drop(amount: number): void {
    this.#held -= amount
  }

  /** Counts what was not held. */
  add(amount: number, nowMs: number): number {
    this.#advance(nowMs)
    this.#put(this.#newest, amount)
    return this.#newest
  }

  correct(slot: number, difference: number, nowMs: number): void {
    this.#advance(nowMs)
    if (slot > this.#newest - this.#slots.length) this.#put(Math.min(slot, this.#newest), difference)
    // Beyond its hold a long call has used what no window has seen yet: it counts from now on.
    else if (difference > 0) this.#put(this.#newest, difference)
  }

  move(slot: number, amount: number, nowMs: number): number {
    this.correct(slot, -amount, nowMs)
    return this.add(amount, nowMs)
  }

  waitMs(amount: number, nowMs: number): number {
    let missing = Math.min(amount, this.limit) - this.room(nowMs)
    if (missing <= 0) return 0
    const { length } = this.#slots
    for (let slot = this.#newest - length + 1; slot <= this.#newest; slot += 1) {
      missing -= this.#slots[slot % length] ?? 0
      if (missing <= 0) return (slot + length) * this.#slotMs - nowMs
    }
    // The rest is held, or corrections have left less in the slots than is missing; then all must pass.
    return this.resetInMs(nowMs)
  }

  resetInMs(nowMs: number): number {
    this.#advance(nowMs)
    const { length } = this.#slots
    // What is held counts from now at the earliest.
    if (this.#held > 0) return (this.#newest + length) * this.#slotMs - nowMs
    for (let slot = this.#newest; slot > this.#newest - length; slot -= 1) {
      if ((this.#slots[slot % length] ?? 0) > 0) return (slot + length) * this.#slotMs - nowMs
    }
    return 0
  }

  #put(slot: number, amount: number): void {
    const at = slot % this.#slots.length
    this.#slots[at] = (this.#slots[at] ?? 0) + amount
    this.#sum += amount
  }

  /** A clock that was set back counts on in the slot that was the newest. */
  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#slotMs)
    if (now <= this.#newest) return
    const { length } = this.#slots
    if (now - this.#newest >= length) {
      this.#slots.fill(0)
      this.#sum = 0
    } else {
      for (let slot = this.#newest + 1; slot <= now; slot += 1) {
        this.#sum -= this.#slots[slot % length] ?? 0
        this.#slots[slot % length] = 0
      }
    }
    this.#newest = now
  }
}

/** How finely a window slides: what was taken counts at most this fraction of the window too long. */
export const slotsPerWindow = 240

/**
 * The slots of a window, the one that runs, and two more (half a second of a
 * minute): an upstream sees a call a moment after it was sent, and not each
 * after the same moment, and the limit shall hold where it is looked at.
 */
export const countedSlots = slotsPerWindow + 3
