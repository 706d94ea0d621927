import type { CallOutcome } from '../ledger/call-row.ts'
import { rateKinds } from '../leases/allowance.ts'
import type { Allowances, Amounts, Denial } from '../leases/allowance.ts'
import { Estimator } from './estimator.ts'
import type { CountedTokens } from './counted-tokens.ts'

/** What is known of a call before it is made. */
export interface RateEstimate {
  /** See `estimateInputTokens`. */
  readonly inputTokens: number
  /** The most that it may answer with; null: not stated. */
  readonly maxTokens: number | null
}

/** What counts for a call that was made, until its end says what it used. */
export interface CountedCall {
  readonly estimate: RateEstimate
  readonly amounts: Amounts
  readonly slots: Amounts
}

/** The allowances of one key for one model, and what its calls teach about the next. */
export class RateBucket {
  readonly allowances: Allowances
  /** Of what the bytes let expect; what is read from a cache is in the bytes, and mostly does not count. */
  readonly #inputShare = new Estimator(1)
  readonly #outputTokens = new Estimator(initialOutputTokens)

  constructor(allowances: Allowances) {
    this.allowances = allowances
  }

  /**
   * What is set aside for a call. Nobody knows its tokens before it was made: the
   * input is judged by its bytes, the output by earlier calls, never above
   * `max_tokens`. Answers as small as `surelyHeld` are always held whole, so that
   * only a large one can be more than was set aside for it. More than the whole
   * limit is never set aside: a call that large could never be made, and the guess
   * may be wrong.
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

  /** The call that they are held for is made now. */
  count(estimate: RateEstimate, amounts: Amounts, nowMs: number): CountedCall {
    const count = (index: 0 | 1 | 2) => this.allowances[index]?.count(amounts[index], nowMs) ?? 0
    return { estimate, amounts, slots: [count(0), count(1), count(2)] }
  }

  /** It is made once more: the upstream that is asked now sees it now. */
  recount({ estimate, amounts, slots }: CountedCall, nowMs: number): CountedCall {
    const move = (index: 0 | 1 | 2) => this.allowances[index]?.move(slots[index], amounts[index], nowMs) ?? 0
    return { estimate, amounts, slots: [move(0), move(1), move(2)] }
  }

  drop(amounts: Amounts): void {
    for (const [index, allowance] of this.allowances.entries()) allowance?.drop(amounts[index] ?? 0)
  }

  /** A request that was made counts however it ends; of tokens those count that were used. */
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

/** Of a call that broke off only a part was told; then the hold stands for the rest. */
function computeUsed(amounts: Amounts, used: CountedTokens | null, outcome: CallOutcome): Amounts {
  if (outcome === 'answered' && used !== null) return [1, used.inputTokens, used.outputTokens]
  if (used !== null) return [1, used.inputTokens, Math.max(used.outputTokens, amounts[2])]
  // A refusal uses nothing, an upstream that never answered nothing that anybody could know of.
  return outcome === 'client_closed' ? amounts : [1, 0, 0]
}

function clamp(amount: number, limit: number): number {
  return Math.min(Math.ceil(amount), limit)
}

/** Of the limit: so many calls may run at once at minHeld, whatever they will answer. */
const minHeldShare = 1 / 500

/** What an answer is taken for before one was seen. */
const initialOutputTokens = 1_024
