import { readOptionFacts } from '@anthology/catalog'
import type { RequestFacts } from '@anthology/catalog'

import { getLimit } from '../budgets/budget.ts'
import type { Budget } from '../budgets/budget.ts'
import type { BudgetSubject, Budgets } from '../budgets/budgets.ts'
import { boundCost, computeCost, findDearest, tokensFor } from '../budgets/hold.ts'
import type { CostBound, HoldFacts } from '../budgets/hold.ts'
import { readPromptFacts } from '../budgets/prompt-facts.ts'
import { createWarningHeaders, describeRefusal, priceHint, toBudgetError } from '../budgets/refusal.ts'
import { getDay } from '../clock.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import { getPriceRegion } from '../upstreams/model-name.ts'
import { readMaxTokens, readSmallMember } from './call.ts'
import type { Call } from './call.ts'
import { createCallMoney, noMoney } from './call-money.ts'
import type { CallMoney } from './call-money.ts'

type HoldContext = Pick<Context, 'budgets' | 'fallbackPrice' | 'limits' | 'nowMs'>

/**
 * Holds the money of a call on every budget that applies: of a plain call all that it may cost at its dearest planned
 * attempt, of a stream its prompt, its hidden thinking and a first slice of its output. Throws an ApiError if a budget
 * has too little, or if nobody knows the price.
 */
export async function holdCall(context: HoldContext, call: Call, plan: Plan): Promise<CallMoney> {
  if (!call.billable) return noMoney
  const { budgets, limits, nowMs } = context
  const subject = describeSubject(call, plan)
  const applied = budgets.find(subject)
  if (applied.length === 0) return noMoney
  const blocking = applied.filter(({ action }) => action === 'block')
  const bound = boundCall(context, call, plan, blocking.length > 0)
  const smallest = Math.min(...blocking.map((budget) => getLimit(budget, nowMs())))
  const sliceNanoUsd = Math.floor(smallest / limits.budgetSlice)
  const sliceTokens = Math.max(1, tokensFor(bound, sliceNanoUsd))
  const first = countHiddenTokens(call, bound) + sliceTokens
  const heldTokens = call.stream ? Math.min(bound.maxOutputTokens, first) : bound.maxOutputTokens
  const held = await budgets.hold(applied, subject, computeCost(bound, heldTokens))
  if (!held.ok) throw toBudgetError(held.refusal)
  return createCallMoney({
    hold: held.hold,
    bound,
    heldTokens,
    sliceNanoUsd,
    describeRefusal: ({ refusal }) => (refusal === null ? null : describeRefusal(refusal)),
    getHeaders: () => (call.protocol.name === 'messages' ? readWarnings(budgets, blocking) : {}),
  })
}

function describeSubject({ key, labels, startedAtMs }: Call, plan: Plan): BudgetSubject {
  return {
    keyId: key.id,
    keyName: key.name,
    workspaceId: key.workspaceId,
    memberId: key.memberId,
    labels,
    startedAtMs,
    modelIds: plan.attempts.map(({ model }) => model.id),
  }
}

/** An unknown price of a call that no budget may refuse counts as nothing until the call has ended. */
function boundCall(context: HoldContext, call: Call, plan: Plan, isBlocked: boolean): CostBound {
  const facts: HoldFacts = {
    prompt: readPromptFacts(call.body, call.index),
    options: readOptions(call),
    betas: call.betas,
    asOf: getDay(call.startedAtMs),
  }
  const bounds: CostBound[] = []
  for (const attempt of plan.attempts) {
    const found = boundCost(facts, describePlace(context, attempt))
    if (found.ok) bounds.push(found.bound)
    else if (isBlocked)
      throw new ApiError(
        'unknown_price',
        `no budget can hold money for ${attempt.model.id} at upstream '${attempt.account.name}': ${found.detail}. ${priceHint}`,
      )
  }
  return bounds.length === 0 ? freeCall : findDearest(bounds)
}

const freeCall: CostBound = { promptNanoUsd: 0, outputPicoUsd: 0, maxOutputTokens: 0 }

function describePlace(
  { fallbackPrice }: HoldContext,
  { account, model, modelName }: PlannedAttempt,
): Parameters<typeof boundCost>[1] {
  const place = {
    upstream: account.name,
    model,
    platform: account.platform,
    region: getPriceRegion(account, modelName),
    rates: account.rates,
  }
  return { ...place, fallback: fallbackPrice ?? undefined }
}

const optionMembers = ['max_tokens', 'speed', 'inference_geo'] as const

function readOptions(call: Call): RequestFacts {
  const maxTokens = readMaxTokens(call)
  const isUsual = call.index.get('speed') === undefined && call.index.get('inference_geo') === undefined
  if (isUsual && maxTokens !== null) return { max_tokens: maxTokens }
  const members: Record<string, unknown> = {}
  for (const name of optionMembers)
    if (call.index.get(name) !== undefined) members[name] = readSmallMember(call, name)
  const { max_tokens, speed, inference_geo } = readOptionFacts(members)
  return {
    ...(max_tokens !== undefined && Number.isSafeInteger(max_tokens) && max_tokens >= 0 && { max_tokens }),
    ...(speed !== undefined && { speed }),
    ...(inference_geo !== undefined && { inference_geo }),
  }
}

/**
 * The tokens of output that a stream need not show. Models since Claude 4 show a summary of their thinking or none of
 * it, and bill all of it: a budget of thinking bounds it, adaptive thinking is bounded by `max_tokens` only.
 */
function countHiddenTokens(call: Call, bound: CostBound): number {
  const { thinking } = call.model
  if (thinking === null || thinking.shown === 'full') return 0
  const given = call.index.get('thinking') === undefined ? undefined : readSmallMember(call, 'thinking')
  const { thinking_type, budget_tokens } = readOptionFacts({ thinking: given })
  if (thinking_type === 'enabled') return budget_tokens ?? bound.maxOutputTokens
  if (thinking_type === undefined) return thinking.default === 'off' ? 0 : bound.maxOutputTokens
  return thinking_type === 'disabled' ? 0 : bound.maxOutputTokens
}

function readWarnings(budgets: Budgets, blocking: readonly Budget[]): Readonly<Record<string, string>> {
  return createWarningHeaders(budgets.describe(blocking))
}
