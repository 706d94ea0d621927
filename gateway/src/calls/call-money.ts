import type { BudgetHold } from '../budgets/budget-hold.ts'
import { tokensFor } from '../budgets/hold.ts'
import type { CostBound } from '../budgets/hold.ts'

/** The money of one call: what its budgets hold for it, and what it costs. */
export interface CallMoney {
  /** The amount that is held, in nano-dollars; null if no budget applies. */
  readonly heldNanoUsd: number | null
  /** The tokens of output that the hold pays for. */
  readonly heldTokens: number
  /** The tokens of output that an extension of the hold pays for. */
  readonly sliceTokens: number
  /** True if the output of the call is bounded by its hold. */
  readonly isBounded: boolean
  /** The reason why the last extension was denied, for the client. */
  readonly refusal: string | null
  /**
   * Makes the hold pay for so many tokens of output in all; false: a budget may give no more. A promise only if
   * another process must be asked.
   */
  extendTo(outputTokens: number): boolean | Promise<boolean>
  /** Holds an amount once more, because an attempt may have been billed; false: there is too little. */
  refill(nanoUsd: number): boolean | Promise<boolean>
  /** Counts the cost of an attempt from which the call moved on. */
  spend(modelId: string, nanoUsd: number): void
  /** Counts the cost of the call, and ends its hold. `null`: the cost is not known, so all that is held counts. */
  settle(modelId: string, nanoUsd: number | null): void
  /** Ends the hold of a call that was never sent. */
  release(): void
  /** Headers that warn of a budget that is nearly spent. */
  headers(): Readonly<Record<string, string>>
  /** Tells a listener each new amount that is held, until the end of the call. It replaces the listener before. */
  whenExtended(listener: (heldNanoUsd: number) => void): void
}

/** The money of a call to which no budget applies. */
export const noMoney: CallMoney = {
  heldNanoUsd: null,
  heldTokens: Number.MAX_SAFE_INTEGER,
  sliceTokens: Number.MAX_SAFE_INTEGER,
  isBounded: false,
  refusal: null,
  extendTo: () => true,
  refill: () => true,
  spend: () => {},
  settle: () => {},
  release: () => {},
  headers: () => ({}),
  whenExtended: () => {},
}

export interface CallMoneyOptions {
  readonly hold: BudgetHold
  readonly bound: CostBound
  /** The tokens of output that the first hold pays for. */
  readonly heldTokens: number
  /** The most that an extension adds beyond what is needed. */
  readonly sliceNanoUsd: number
  readonly describeRefusal: (hold: BudgetHold) => string | null
  readonly getHeaders: () => Readonly<Record<string, string>>
}

export function createCallMoney(options: CallMoneyOptions): CallMoney {
  return new HeldMoney(options)
}

class HeldMoney implements CallMoney {
  heldTokens: number
  #notify: (heldNanoUsd: number) => void = ignore
  readonly #options: CallMoneyOptions

  constructor(options: CallMoneyOptions) {
    this.#options = options
    this.heldTokens = options.heldTokens
  }

  get heldNanoUsd(): number {
    return this.#options.hold.heldNanoUsd
  }

  get sliceTokens(): number {
    return tokensFor(this.#options.bound, this.#options.sliceNanoUsd)
  }

  get isBounded(): boolean {
    return this.heldTokens < this.#options.bound.maxOutputTokens
  }

  get refusal(): string | null {
    return this.#options.describeRefusal(this.#options.hold)
  }

  extendTo(outputTokens: number): boolean | Promise<boolean> {
    const { bound } = this.#options
    const missing = Math.min(outputTokens, bound.maxOutputTokens) - this.heldTokens
    if (missing <= 0) return true
    const slice = Math.max(missing, Math.min(this.sliceTokens, bound.maxOutputTokens - this.heldTokens))
    const extended = this.#extendBy(slice)
    // A budget that has no whole slice may have enough for what is needed now.
    const orLess = (isHeld: boolean) => (isHeld || slice === missing ? isHeld : this.#extendBy(missing))
    return extended instanceof Promise ? extended.then(orLess) : orLess(extended)
  }

  refill(nanoUsd: number): boolean | Promise<boolean> {
    return nanoUsd <= 0 || this.#options.hold.extend(nanoUsd)
  }

  spend(modelId: string, nanoUsd: number): void {
    this.#options.hold.spend(modelId, nanoUsd)
  }

  settle(modelId: string, nanoUsd: number | null): void {
    const { hold } = this.#options
    this.#stopExtending()
    hold.settle(modelId, nanoUsd ?? hold.heldNanoUsd)
  }

  release(): void {
    this.#stopExtending()
    this.#options.hold.release()
  }

  /** An extension that another process grants after the end must not write the call as a running one again. */
  #stopExtending(): void {
    this.#notify = ignore
  }

  headers(): Readonly<Record<string, string>> {
    return this.#options.getHeaders()
  }

  whenExtended(listener: (heldNanoUsd: number) => void): void {
    this.#notify = listener
  }

  #extendBy(tokens: number): boolean | Promise<boolean> {
    const { hold, bound } = this.#options
    const finish = (isHeld: boolean): boolean => {
      if (!isHeld) return false
      this.heldTokens += tokens
      this.#notify(hold.heldNanoUsd)
      return true
    }
    const extended = hold.extend((tokens * bound.outputPicoUsd) / 1_000)
    return extended instanceof Promise ? extended.then(finish) : finish(extended)
  }
}

function ignore(): void {}
