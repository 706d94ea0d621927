import { isCutOff } from '../ledger/call-row.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import { rateKinds } from '../leases/allowance.ts'
import type { Allowances, Amounts, Denial } from '../leases/allowance.ts'
import { Estimator } from './estimator.ts'
import type { CountedTokens } from './counted-tokens.ts'

/** The facts about a call before it is sent. */
export interface RateEstimate {
  /** From `estimateInputTokens`. */
  readonly inputTokens: number
  /** The request's `max_tokens`; null if absent. */
  readonly maxTokens: number | null
}

/** The estimate counted for a call that was sent, until its usage is known. */
export interface CountedCall {
  readonly estimate: RateEstimate
  readonly amounts: Amounts
  readonly slots: Amounts
}

/** The allowances of one key for one model, and estimators that learn from its calls. */
export class RateBucket {
  readonly allowances: Allowances
  /** Ratio of counted to byte-estimated input tokens; cached input is in the bytes but mostly does not count. */
  readonly #inputShare = new Estimator(1)
  readonly #outputTokens = new Estimator(initialOutputTokens)

  constructor(allowances: Allowances) {
    this.allowances = allowances
  }

  /**
   * Estimates the amounts to hold for a call: input from its bytes, output from
   * earlier calls, capped at `max_tokens`. The output hold is at least
   * `minHeldShare` of the limit, so only larger responses can exceed their hold.
   * A hold never exceeds the limit: such a call could never be sent, and the
   * estimate may be wrong.
   */
  measure(estimate: RateEstimate): Amounts {
    const [requests, input, output] = this.allowances
    const minHeld = (output?.limit ?? 0) * minHeldShare
    const expected = Math.min(Math.max(this.#outputTokens.value, minHeld), estimate.maxTokens ?? Infinity)
    return [
      requests === null ? 0 : 1,
      input === null ? 0 : clamp(estimate.inputTokens * this.#inputShare.value, input.limit),
      output === null ? 0 : clamp(expected, output.limit),
    ]
  }

  findDenial(amounts: Amounts, nowMs: number): Denial | null {
    for (const [index, kind] of rateKinds.entries()) {
      const allowance = this.allowances[index] ?? null
      const amount = amounts[index] ?? 0
      if (allowance === null || amount === 0 || allowance.room(nowMs) >= amount) continue
      return { kind, limit: allowance.limit, waitMs: allowance.waitMs(amount, nowMs) }
    }
    return null
  }

  hold(amounts: Amounts): void {
    for (const [index, allowance] of this.allowances.entries()) allowance?.hold(amounts[index] ?? 0)
  }

  /** Counts the held amounts: their call is sent now. */
  count(estimate: RateEstimate, amounts: Amounts, nowMs: number): CountedCall {
    const count = (index: 0 | 1 | 2) => this.allowances[index]?.count(amounts[index], nowMs) ?? 0
    return { estimate, amounts, slots: [count(0), count(1), count(2)] }
  }

  /** Counts the call from now on instead: it is sent to another upstream, which sees it now. */
  recount({ estimate, amounts, slots }: CountedCall, nowMs: number): CountedCall {
    const move = (index: 0 | 1 | 2) => this.allowances[index]?.move(slots[index], amounts[index], nowMs) ?? 0
    return { estimate, amounts, slots: [move(0), move(1), move(2)] }
  }

  drop(amounts: Amounts): void {
    for (const [index, allowance] of this.allowances.entries()) allowance?.drop(amounts[index] ?? 0)
  }

  /** A request that was sent counts with any outcome; tokens count as used. */
  settle(call: CountedCall, used: CountedTokens | null, outcome: CallOutcome, nowMs: number): void {
    const { amounts, estimate } = call
    const [, input, output] = computeUsed(amounts, used, outcome)
    this.#correct(call, 1, input - amounts[1], nowMs)
    this.#correct(call, 2, output - amounts[2], nowMs)
    if (used === null || outcome !== 'answered') return
    if (estimate.inputTokens > 0) this.#inputShare.learn(used.inputTokens / estimate.inputTokens)
    this.#outputTokens.learn(used.outputTokens)
  }

  #correct({ slots }: CountedCall, index: 1 | 2, difference: number, nowMs: number): void {
    if (difference !== 0) this.allowances[index]?.correct(slots[index], difference, nowMs)
  }
}

/** An interrupted call reports only part of its usage; then the hold stands for the output. */
function computeUsed(amounts: Amounts, used: CountedTokens | null, outcome: CallOutcome): Amounts {
  if (outcome === 'answered' && used !== null) return [1, used.inputTokens, used.outputTokens]
  if (used !== null) return [1, used.inputTokens, Math.max(used.outputTokens, amounts[2])]
  // An error response uses no tokens; without a response the usage is unknown, and no tokens count.
  return isCutOff(outcome) ? amounts : [1, 0, 0]
}

function clamp(amount: number, limit: number): number {
  return Math.min(Math.ceil(amount), limit)
}

/** Minimum output hold as a share of the limit, which also bounds concurrent calls. */
const minHeldShare = 1 / 500

/** Expected output of a call before the first response. */
const initialOutputTokens = 1_024
