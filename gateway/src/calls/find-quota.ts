import { fastOn, getEffectiveDay } from '@anthology/catalog'

import { getDay } from '../clock.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import type { Quota } from '../routing/quota.ts'
import { readSmallMember } from './call.ts'
import type { Call } from './call.ts'

/** The quota that a call takes from at an upstream. Without fast mode there the call runs at standard speed. */
export function findQuota(
  call: Pick<Call, 'billable' | 'body' | 'index' | 'startedAtMs'>,
  { account, model }: Pick<PlannedAttempt, 'account' | 'model'>,
): Quota {
  if (!call.billable) return 'token_count'
  if (call.index.get('speed') === undefined || readSmallMember(call, 'speed') !== 'fast') return 'messages'
  const day = getEffectiveDay(model, 'ignore', getDay(call.startedAtMs))
  const fast = fastOn(model, day, account.platform)
  return fast === null || fast === 'standard' ? 'messages' : 'fast'
}
