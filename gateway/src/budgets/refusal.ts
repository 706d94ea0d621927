import { ApiError, errors } from '../errors.ts'
import { printUsd } from './budget.ts'
import type { Budget } from './budget.ts'
import type { BudgetRefusal, BudgetState } from './money.ts'

/** The error of a call for which a budget has no money. It names scope, limit, spent and reset time. */
export function toBudgetError(refusal: BudgetRefusal): ApiError {
  const { budget, shortage } = refusal
  const headers = createRejectedHeaders(budget, shortage.resetsAtMs)
  return new ApiError('budget_exceeded', describeRefusal(refusal), errors.budget_exceeded, { headers })
}

export function describeRefusal({ budget, shortage, neededNanoUsd }: BudgetRefusal): string {
  const { limitNanoUsd, usedNanoUsd, heldNanoUsd, resetsAtMs } = shortage
  const held = heldNanoUsd > 0 ? `, held for running calls ${printUsd(heldNanoUsd)} USD` : ''
  // Nothing helps where all is refused.
  const advice = limitNanoUsd > 0 && neededNanoUsd > limitNanoUsd ? ` ${neverFits}` : ''
  return (
    `This request would exceed the budget of ${budget.scope}: limit ${printUsd(limitNanoUsd)} USD ${describeWindow(budget)}, ` +
    `spent ${printUsd(usedNanoUsd)} USD${held}, needed ${printUsd(neededNanoUsd)} USD. ${describeReset(resetsAtMs)}${advice} (budget: ${budget.id})`
  )
}

const neverFits =
  'The call may cost more than the whole budget: lower max_tokens (or max_uses of a tool), shorten the prompt, split a batch or stream the response.'

/** Completes the refusal of a call or batch whose price nobody knows. */
export const priceHint =
  'The operator of the gateway can set a price for such calls: fallback_price, or price of the upstream, in anthology.yaml'

/** Such as `per day (Europe/Berlin)`. */
export function describeWindow({ window, rolling, timezone, models }: Budget): string {
  const period = window === 'total' ? 'in total' : rolling ? `in any ${window}` : `per ${window}`
  const zone = rolling || window === 'total' || window === 'hour' ? '' : ` (${timezone})`
  return `${period}${zone}${models === null ? '' : ` for ${models.join(', ')}`}`
}

function describeReset(resetsAtMs: number | null): string {
  return resetsAtMs === null ? 'It does not reset.' : `It resets at ${printTime(resetsAtMs)}.`
}

export function printTime(timeMs: number): string {
  return `${new Date(Math.ceil(timeMs / 1_000) * 1_000).toISOString().slice(0, 19)}Z`
}

const periods: Readonly<Partial<Record<Budget['window'], string>>> = {
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
}

/**
 * The headers from which Claude Code explains a refusal (its gateway protocol, 2026). Without
 * `representative-claim` and `overage-status` it shows the error's message.
 */
function createRejectedHeaders({ window }: Budget, resetsAtMs: number | null): Record<string, string> {
  const reset = resetsAtMs === null ? {} : { [`${unified}-reset`]: toSeconds(resetsAtMs) }
  const period = periods[window]
  return {
    [`${unified}-status`]: 'rejected',
    ...reset,
    ...(resetsAtMs !== null && { [`${unified}-overage-reset`]: toSeconds(resetsAtMs) }),
    [`${unified}-overage-utilization`]: '1',
    [`${unified}-overage-surpassed-threshold`]: '1',
    ...(period !== undefined && { [`${unified}-overage-period`]: period }),
    [`${unified}-overage-disabled-reason`]: 'org_spend_cap_reached',
  }
}

/** The shares of a budget at which Claude Code warns. */
const warnAt = [0.95, 0.75] as const

/** The headers by which Claude Code warns of a budget that is nearly spent; none below 75 %. */
export function createWarningHeaders(
  states: readonly { readonly limitNanoUsd: number; readonly state: BudgetState }[],
): Readonly<Record<string, string>> {
  let [most, resetsAtMs]: [number, number | null] = [0, null]
  for (const { limitNanoUsd, state } of states) {
    const share = limitNanoUsd === 0 ? 1 : state.usedNanoUsd / limitNanoUsd
    if (share <= most) continue
    most = share
    resetsAtMs = state.resetsAtMs
  }
  const threshold = warnAt.find((share) => most >= share)
  if (threshold === undefined) return noHeaders
  return {
    [`${unified}-status`]: 'allowed_warning',
    [`${unified}-representative-claim`]: 'overage',
    [`${unified}-overage-status`]: 'allowed_warning',
    [`${unified}-overage-utilization`]: Math.min(1, most).toFixed(2),
    [`${unified}-overage-surpassed-threshold`]: String(threshold),
    ...(resetsAtMs !== null && { [`${unified}-reset`]: toSeconds(resetsAtMs) }),
  }
}

const noHeaders: Readonly<Record<string, string>> = {}
const unified = 'anthropic-ratelimit-unified'

function toSeconds(timeMs: number): string {
  return String(Math.ceil(timeMs / 1_000))
}
