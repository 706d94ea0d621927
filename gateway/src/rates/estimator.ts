/**
 * A guess at the next value that is seldom too low, learned from those seen: their
 * smoothed mean and four times their smoothed deviation, as TCP guesses when an
 * acknowledgement is overdue (RFC 6298, section 2). Values that are all alike are
 * soon guessed exactly, scattered ones with room to spare.
 */
export class Estimator {
  #mean: number
  #deviation = 0
  #seen = false

  /** `first` is the guess as long as nothing was seen. */
  constructor(first: number) {
    this.#mean = first
  }

  get value(): number {
    return this.#mean + 4 * this.#deviation
  }

  learn(value: number): void {
    if (!this.#seen) {
      this.#seen = true
      this.#mean = value
      this.#deviation = value / 2
      return
    }
    this.#deviation += (Math.abs(value - this.#mean) - this.#deviation) / 4
    this.#mean += (value - this.#mean) / 8
  }
}
