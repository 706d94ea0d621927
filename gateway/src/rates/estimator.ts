/**
 * An estimate of the next value that is seldom too low: the smoothed mean plus
 * four times the smoothed deviation of the values so far, like TCP's
 * retransmission timer (RFC 6298, section 2). It converges to equal values and
 * leaves a margin above scattered ones.
 */
export class Estimator {
  #mean: number
  #deviation = 0
  #seen = false

  /** `initial` is the estimate before the first value. */
  constructor(initial: number) {
    this.#mean = initial
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
