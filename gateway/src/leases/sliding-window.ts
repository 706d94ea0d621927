import type { Allowance } from './allowance.ts'

/**
 * An exact limit for any time window: an amount counts until a whole window has
 * passed since the end of its slot, a hold until it is counted. A token bucket as
 * large as the limit would admit twice the limit in its first minute; one small
 * enough to prevent that would deny bursts that the limit allows.
 */
export class SlidingWindow implements Allowance {
  readonly limit: number
  readonly #slotMs: number
  /** The amount of each slot, by its number modulo the length (`countedSlots`). */
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
    return this.limit - this.used(nowMs)
  }

  /** The amount that counts now, with what is held. */
  used(nowMs: number): number {
    this.#advance(nowMs)
    return this.#sum + this.#held
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

  /** Counts an amount without a hold. */
  add(amount: number, nowMs: number): number {
    this.#advance(nowMs)
    this.#put(this.#newest, amount)
    return this.#newest
  }

  /** The lease of a worker that exited: it may have used all of it until just before. */
  lose(amount: number, nowMs: number): void {
    this.add(amount, nowMs)
  }

  correct(slot: number, difference: number, nowMs: number): void {
    this.#advance(nowMs)
    if (slot > this.#newest - this.#slots.length) this.#put(Math.min(slot, this.#newest), difference)
    // Usage of a long call above its hold has not been counted in any window: count it now.
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
    // The rest is held, or corrections left less in the slots than is missing: wait until all of it expires.
    return this.resetInMs(nowMs)
  }

  resetInMs(nowMs: number): number {
    this.#advance(nowMs)
    const { length } = this.#slots
    // A hold counts from now at the earliest.
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

  /** If the clock went back, the newest slot stays the current one. */
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

/** Resolution of a window: an amount counts too long by at most one slot. */
export const slotsPerWindow = 240

/**
 * The slots of a window, the current one, and two more (half a second of a
 * minute): calls reach an upstream with varying delay, and the limit must hold
 * as the upstream measures it.
 */
export const countedSlots = slotsPerWindow + 3
