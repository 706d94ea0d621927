import { getDay } from '../clock.ts'
import type { Context } from '../context.ts'
import { estimateInputTokens } from '../rates/input-estimate.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import type { QuotaReservation } from '../routing/quota-buckets.ts'
import { readMaxTokens } from './call.ts'
import type { Call } from './call.ts'

/** The tokens that a platform reserves of its quota when a call starts: the prompt, by estimate, and `max_tokens`. */
export function estimateQuotaTokens(call: Call): number {
  const { body, model } = call
  return estimateInputTokens(body, model.imageDetail) + (readMaxTokens(call) ?? model.maxOutput.tokens)
}

/** Reserves the tokens of an attempt; null: its upstream has no quota that is counted here, or the call takes none. */
export function reserveQuota(
  { quotas }: Pick<Context, 'quotas'>,
  call: Call,
  { account, model }: PlannedAttempt,
): QuotaReservation | null {
  if (!call.billable || account.quota === undefined) return null
  return quotas.reserve(account.name, model, {
    tokens: estimateQuotaTokens(call),
    day: getDay(call.startedAtMs),
  })
}
