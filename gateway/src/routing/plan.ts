import type { Finding, Model } from '@anthology/catalog'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { createEstimatingAccount } from '../upstreams/estimating-account.ts'
import { nameAt } from '../upstreams/model-name.ts'
import type { ExcludedUpstream } from './exclusion.ts'
import { excludeUnranked, findPlace } from './find-place.ts'
import type { Obstacle, PlaceRequest } from './find-place.ts'
import type { HealthState } from './health.ts'
import { findKept } from './keep-place.ts'
import type { Quota } from './quota.ts'
import { createPlatformCheck } from './platform-check.ts'
import type { CheckedRequest } from './platform-check.ts'
import { findBusy, minBusyCalls, rankByConversation } from './rank.ts'
import { describeRefusal } from './refusal.ts'
import type { RoutingOrder } from './routing-config.ts'
import type { Warmth } from './warmth.ts'

/** One possible attempt: an upstream, and the model and its name there. */
export interface PlannedAttempt {
  readonly account: UpstreamAccount
  readonly model: Model
  readonly modelName: string
  readonly because: Rank
  /** The members that the platform ignores or changes, for the client. */
  readonly notices: readonly string[]
}

/** An upstream, and the model that answers there. */
export type Place = Pick<PlannedAttempt, 'account' | 'model'>

/** Why an upstream is where it is in the order. */
export type Rank =
  /** The conversation is here by its hash, or by its last call. */
  | 'first_of_group'
  | 'warm_cache'
  /** The conversation has thinking that is bound to the upstream of its last answer. */
  | 'bound_thinking'
  | 'next_in_group'
  /** The upstream of the conversation's hash has more open calls than its share. */
  | 'less_load'
  | 'next_group'
  | 'fallback_model'
  /** The upstream cannot count the tokens of the request, so the gateway estimates them. */
  | 'estimate'
  /** Nothing else is left. */
  | 'last_resort'

/** What a plan depends on besides the configuration and the state of the upstreams. */
export interface PlanRequest extends CheckedRequest, PlaceRequest {
  readonly model: Model
  /** Identifies the conversation; another text for each call without one. */
  readonly conversation: string
  /** The conversation's last answer: its upstream may have a warm prompt cache, and may have issued the thinking. */
  readonly last: ReturnType<Warmth['find']>
  /** Whether the conversation has thinking of the model that is bound to the account that issued it. */
  readonly returnsBoundThinking: () => boolean
  /** Whether no answer precedes the call in its conversation. */
  readonly isBeginning: () => boolean
  /** The day whose prices count. */
  readonly day: string
}

export interface PlanContext {
  readonly accounts: readonly UpstreamAccount[]
  readonly order: RoutingOrder
  readonly findModel: (id: string) => Model | undefined
  readonly health: (place: Place) => HealthState
  /** The calls of this process that run at an upstream or wait for it. */
  readonly openCallsAt: (upstream: string) => number
}

export interface Plan {
  readonly model: Model
  /** Best first; empty: see `rejection`. */
  readonly attempts: readonly PlannedAttempt[]
  readonly excluded: readonly ExcludedUpstream[]
  /** The error of the best upstream, if every one rejects the request by a rule. */
  readonly rejection: Finding | null
  readonly conversation: string
  readonly last: PlanRequest['last']
  /** The place that the call has if nothing is known of its conversation and every upstream is healthy. */
  readonly usual: UsualPlace | null
}

/** The names of an upstream and of the model that answers there. */
export interface UsualPlace {
  readonly upstream: string
  readonly model: string
}

/**
 * Plans the attempts of a call: a pure function. Every upstream is in the plan, with its rank or with the reason why it
 * is excluded. The last upstream is never excluded for its health: a call that has no other place is sent there.
 */
export function planCall(request: PlanRequest, context: PlanContext): Plan {
  const planned = planModel(request.model, request, context, false)
  const fallbacks = context.order
    .fallbacksOf(request.model.id)
    .flatMap((id) => context.findModel(id) ?? [])
    .map((model) => planModel(model, request, context, true))
  const all = [planned, ...fallbacks]
  const [estimate] = all.flatMap((each) => each.estimate ?? [])
  // The estimate is one of the model that was asked for; the count of another model is not.
  const counted = planned.estimate === null ? all : [planned]
  const places = selectDistinct(
    counted.flatMap((each) => each.attempts),
    ({ account, model, modelName }) => `${account.name}\0${model.id}\0${modelName}`,
  )
  const attempts = estimate === undefined ? places : [...places, estimate]
  const isPlanned = ({ upstream, because }: ExcludedUpstream): boolean =>
    because === 'no_token_count' && upstream === estimate?.account.name
  const excluded = selectDistinct(
    all.flatMap((each) => each.excluded).filter((each) => !isPlanned(each)),
    ({ upstream, model, because }) => `${upstream}\0${model}\0${because}`,
  )
  const { rejection } = planned
  const { model, conversation, last } = request
  const usual = all.find((each) => each.usual !== null)?.usual ?? null
  const plan = { model, attempts, excluded, rejection, conversation, last, usual }
  if (attempts.length > 0) return plan
  // Nothing healthy is left: the upstream that recovers first.
  const [resort] = all.flatMap((each) => each.unhealthy).toSorted((one, other) => one.forMs - other.forMs)
  if (resort === undefined) return plan
  const { account, model: resortModel } = resort.attempt
  const others = excluded.filter(
    ({ upstream, model: id }) => upstream !== account.name || id !== resortModel.id,
  )
  return { ...plan, attempts: [{ ...resort.attempt, because: 'last_resort' }], excluded: others }
}

/**
 * The first one of each place. A place can come up again: an upstream in two groups, or one whose own model answers for
 * several models. It would be asked once more at once, without the budget for retries.
 */
function selectDistinct<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  if (items.length < 2) return items
  const names = new Set<string>()
  return items.filter((item) => {
    const name = nameOf(item)
    return !names.has(name) && names.add(name)
  })
}

interface ModelPlan {
  readonly attempts: readonly PlannedAttempt[]
  readonly excluded: readonly ExcludedUpstream[]
  /** Set if an upstream that serves the model cannot count the tokens of a request. */
  readonly estimate: PlannedAttempt | null
  readonly unhealthy: readonly { readonly attempt: PlannedAttempt; readonly forMs: number }[]
  readonly rejection: Finding | null
  readonly usual: UsualPlace | null
}

function planModel(model: Model, request: PlanRequest, context: PlanContext, isFallback: boolean): ModelPlan {
  const { accounts, order, health } = context
  const groups = order.groupsOf(model.id)
  const attempts: PlannedAttempt[] = []
  const unhealthy: { attempt: PlannedAttempt; forMs: number }[] = []
  const excluded = excludeUnranked(accounts, model, order)
  let estimate: PlannedAttempt | null = null
  let rejection: Finding | null = null
  let usual: UsualPlace | null = null
  const exclude = (account: UpstreamAccount, obstacle: Obstacle, at = model): void =>
    void excluded.push({ upstream: account.name, model: at.id, ...obstacle })

  const checkOn = createPlatformCheck(model, request)
  for (const [groupIndex, group] of groups.entries()) {
    let isFirst = true
    const ranked = rankByConversation(group, request.conversation, order.weightOf)
    const busy = findAvoided(group, model, request, context)
    const isUsualHere = usual === null
    for (const account of findAccounts(moveToFront(moveToBack(ranked, busy), getWarm(request)), accounts)) {
      const { name } = account
      const place = findPlace(account, model, request)
      if ('because' in place) {
        if (place.because === 'no_token_count') estimate ??= planEstimate(account, model)
        exclude(account, place)
        continue
      }
      const served = serveAt(account, model, place.modelName)
      const { error, notices } = checkOn(account, served)
      if (error !== null) {
        rejection ??= error
        exclude(account, { because: 'rejects_request', detail: error.message })
        continue
      }
      if (isUsualHere && (usual === null || ranked.indexOf(name) < ranked.indexOf(usual.upstream)))
        usual = { upstream: name, model: served.id }
      const isMoved = busy.size > 0 && ranked.slice(0, ranked.indexOf(name)).some((each) => busy.has(each))
      const because = getRank({ name, groupIndex, isFirst, isMoved, isFallback, warm: getWarm(request) })
      const attempt = { account, model: served, modelName: place.modelName, because, notices }
      const state = health(attempt)
      if (state.kind === 'open' || state.kind === 'blocked') {
        unhealthy.push({ attempt, forMs: state.forMs })
        exclude(account, describeUnhealthy(state, served), served)
        continue
      }
      attempts.push(attempt)
      isFirst = false
    }
  }
  return { attempts: keepPlace(attempts, request), excluded, estimate, unhealthy, rejection, usual }
}

/**
 * The busy upstreams among those of a group that offer the model. None for a conversation that another process may know
 * to be at its usual place, of which it tells nobody: its prompt cache and its thinking are there.
 */
function findAvoided(
  group: readonly string[],
  model: Model,
  { last, isBeginning }: PlanRequest,
  { accounts, order, openCallsAt }: PlanContext,
): ReadonlySet<string> {
  // Nearly always so, and then the names of the model need not be looked up.
  if (group.length < 2 || group.every((name) => openCallsAt(name) < minBusyCalls)) return none
  const offering = findAccounts(group, accounts).filter((account) => nameAt(model, account) !== null)
  const names = offering.map(({ name }) => name)
  const busy = findBusy(names, order.weightOf, openCallsAt)
  return busy.size > 0 && last === null && !isBeginning() ? none : busy
}

const none: ReadonlySet<string> = new Set()

function findAccounts(
  names: readonly string[],
  accounts: readonly UpstreamAccount[],
): readonly UpstreamAccount[] {
  return names.flatMap((name) => accounts.find((account) => account.name === name) ?? [])
}

function getWarm({ last }: PlanRequest): string | null {
  return last?.isWarm === true ? last.upstream : null
}

/** The place of the last answer first, across groups, where the conversation is to stay. */
function keepPlace(attempts: readonly PlannedAttempt[], request: PlanRequest): readonly PlannedAttempt[] {
  const kept = findKept(attempts, request)
  if (kept === null) return attempts
  const isNamed = kept.because === 'warm_cache' || kept.because === 'fallback_model'
  const first: PlannedAttempt = isNamed ? kept : { ...kept, because: 'bound_thinking' }
  return [first, ...attempts.filter((attempt) => attempt !== kept)]
}

/** The model that answers there: an upstream with foreign models has its own. */
function serveAt(account: UpstreamAccount, model: Model, modelName: string): Model {
  return account.foreign?.models.get(modelName) ?? model
}

/** The gateway's own estimate, in place of the upstream's count. */
function planEstimate(account: UpstreamAccount, model: Model): PlannedAttempt | null {
  const modelName = nameAt(model, account)
  if (modelName === null) return null
  const served = serveAt(account, model, modelName)
  const estimating = createEstimatingAccount(account)
  return { account: estimating, model: served, modelName, because: 'estimate', notices: [] }
}

function describeUnhealthy(state: UnhealthyState, { id }: Model): Obstacle {
  const seconds = Math.ceil(state.forMs / 1_000)
  if (state.kind === 'open') {
    const reason = state.refusal === null ? 'it failed repeatedly' : describeRefusal(state.refusal, id)
    return { because: 'circuit_open', detail: `${reason}; the next try is in ${seconds} s` }
  }
  const detail = `its quota ${quotaScopes[state.quota]}is exhausted for ${seconds} s`
  return { because: 'quota_blocked', detail }
}

const quotaScopes: Readonly<Record<Quota, string>> = {
  messages: '',
  fast: 'of fast mode ',
  token_count: 'of token counts ',
}

type UnhealthyState = Extract<HealthState, { readonly forMs: number }>

function moveToFront(names: readonly string[], first: string | null): readonly string[] {
  if (first === null || !names.includes(first)) return names
  return [first, ...names.filter((name) => name !== first)]
}

function moveToBack(names: readonly string[], last: ReadonlySet<string>): readonly string[] {
  if (last.size === 0) return names
  return [...names.filter((name) => !last.has(name)), ...names.filter((name) => last.has(name))]
}

function getRank({
  name,
  groupIndex,
  isFirst,
  isMoved,
  isFallback,
  warm,
}: {
  readonly name: string
  readonly groupIndex: number
  readonly isFirst: boolean
  /** Before an upstream that has more calls than its share. */
  readonly isMoved: boolean
  readonly isFallback: boolean
  readonly warm: string | null
}): Rank {
  if (isFallback) return 'fallback_model'
  if (name === warm) return 'warm_cache'
  if (!isFirst) return 'next_in_group'
  if (isMoved) return 'less_load'
  return groupIndex > 0 ? 'next_group' : 'first_of_group'
}
