import { check } from '@anthology/catalog'
import type { Finding, Model, Platform, RequestFacts } from '@anthology/catalog'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { selectBetas } from '../upstreams/beta-policy.ts'
import { createEstimatingAccount } from '../upstreams/estimating-account.ts'
import { anyModel } from '../upstreams/foreign-model.ts'
import { removeMembers } from '../upstreams/member-policy.ts'
import { nameAt } from '../upstreams/model-name.ts'
import { checkForeign } from './foreign-check.ts'
import type { Demand } from './foreign-check.ts'
import type { HealthState } from './health.ts'
import { rankByConversation } from './rank.ts'
import type { RoutingOrder } from './routing-config.ts'

/** One possible attempt: an upstream, and the model and its name there. */
export interface PlannedAttempt {
  readonly account: UpstreamAccount
  readonly model: Model
  readonly modelName: string
  readonly because: Rank
  /** What the platform ignores or changes, for the client. */
  readonly notices: readonly string[]
}

/** Why an upstream is where it is in the order. */
export type Rank =
  /** The conversation is here by its hash, or by its last call. */
  | 'first_of_group'
  | 'warm_cache'
  | 'next_in_group'
  | 'next_group'
  | 'fallback_model'
  /** The upstream cannot count the tokens of the request, so the gateway estimates them. */
  | 'estimate'
  /** Nothing else is left. */
  | 'last_resort'

export interface ExcludedUpstream {
  readonly upstream: string
  readonly model: string
  readonly because: Exclusion
  readonly detail: string
}

export type Exclusion =
  | 'model_not_offered'
  | 'rejects_request'
  | 'no_token_count'
  | 'files_elsewhere'
  | 'region_not_allowed'
  | 'circuit_open'
  | 'quota_blocked'
  | 'not_in_groups'

/** What a plan depends on besides the configuration and the state of the upstreams. */
export interface PlanRequest {
  readonly model: Model
  readonly betas: readonly string[]
  /** Only the tokens of the request are to be counted. */
  readonly countsTokens: boolean
  /** The facts for the catalog's checks, without betas; null: requests are not validated. */
  readonly facts: RequestFacts | null
  /** Read only for an upstream with foreign models; null: requests are not validated. */
  readonly demand?: (() => Demand) | null
  /** The types of the tools, if one of them may be missing on some platforms. */
  readonly serverTools: readonly string[]
  /** The kinds of source of images and documents, if one of them may be missing on some platforms. */
  readonly sourceTypes: readonly string[]
  /** The upstreams that store the files of the request; null: it names no file of the key. */
  readonly holders: ReadonlySet<string> | null
  /** The regions whose upstreams the key may use; null: all. */
  readonly regions: ReadonlySet<string> | null
  /** Identifies the conversation; another text for each call without one. */
  readonly conversation: string
  /** The upstream of the conversation's last call, if its prompt cache may still be warm. */
  readonly warmUpstream: string | null
  /** The upstream of its last answered call, whenever that was: it may have issued the thinking of the conversation. */
  readonly lastUpstream: string | null
}

export interface PlanContext {
  readonly accounts: readonly UpstreamAccount[]
  readonly order: RoutingOrder
  readonly findModel: (id: string) => Model | undefined
  readonly health: (upstream: string, modelId: string) => HealthState
}

export interface Plan {
  readonly model: Model
  /** Best first; empty: see `rejection`. */
  readonly attempts: readonly PlannedAttempt[]
  readonly excluded: readonly ExcludedUpstream[]
  /** The error of the best upstream, if every one rejects the request by a rule. */
  readonly rejection: Finding | null
  readonly conversation: string
  /** The upstream of the conversation's last call, if its prompt cache may still be warm. */
  readonly warmUpstream: string | null
  /** The upstream of its last answered call, whenever that was: it may have issued the thinking of the conversation. */
  readonly lastUpstream: string | null
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
  const attempts = [...all.flatMap((each) => each.attempts), ...(estimate === undefined ? [] : [estimate])]
  const isPlanned = ({ upstream, because }: ExcludedUpstream): boolean =>
    because === 'no_token_count' && upstream === estimate?.account.name
  const excluded = all.flatMap((each) => each.excluded).filter((each) => !isPlanned(each))
  const { rejection } = planned
  const { model, conversation, warmUpstream, lastUpstream } = request
  const plan = { model, attempts, excluded, rejection, conversation, warmUpstream, lastUpstream }
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

interface ModelPlan {
  readonly attempts: readonly PlannedAttempt[]
  readonly excluded: readonly ExcludedUpstream[]
  /** Set if an upstream that serves the model cannot count the tokens of a request. */
  readonly estimate: PlannedAttempt | null
  readonly unhealthy: readonly { readonly attempt: PlannedAttempt; readonly forMs: number }[]
  readonly rejection: Finding | null
}

function planModel(model: Model, request: PlanRequest, context: PlanContext, isFallback: boolean): ModelPlan {
  const { accounts, order, health } = context
  const attempts: PlannedAttempt[] = []
  const excluded: ExcludedUpstream[] = []
  const unhealthy: { attempt: PlannedAttempt; forMs: number }[] = []
  let estimate: PlannedAttempt | null = null
  let rejection: Finding | null = null
  const groups = order.groupsOf(model.id)
  const exclude = (upstream: string, because: Exclusion, detail: string, modelId = model.id): void =>
    void excluded.push({ upstream, model: modelId, because, detail })
  for (const { name } of accounts)
    if (!groups.some((group) => group.includes(name)))
      exclude(name, 'not_in_groups', `the groups of ${model.id} do not contain it`)

  const checkOn = createPlatformCheck(model, request)
  for (const [groupIndex, group] of groups.entries()) {
    const ranked = moveToFront(
      rankByConversation(group, request.conversation, order.weightOf),
      request.warmUpstream,
    )
    let isFirst = true
    for (const name of ranked) {
      const account = accounts.find((each) => each.name === name)
      if (account === undefined) continue
      if (request.regions !== null && !request.regions.has(account.region ?? '')) {
        const where = account.region === undefined ? 'it has no region' : `its region is ${account.region}`
        exclude(name, 'region_not_allowed', `${where}; the key may use ${[...request.regions].join(', ')}`)
        continue
      }
      const modelName = nameAt(model, account)
      if (modelName === null) {
        const where =
          account.region === undefined ? account.platform : `${account.platform} in ${account.region}`
        exclude(name, 'model_not_offered', `${model.id} is not offered on ${where}`)
        continue
      }
      if (request.countsTokens && account.adapter?.hasTokenCount?.(model) === false) {
        const served = account.foreign?.models.get(modelName) ?? model
        const estimating = createEstimatingAccount(account)
        estimate ??= { account: estimating, model: served, modelName, because: 'estimate', notices: [] }
        exclude(name, 'no_token_count', `it does not count the tokens of ${model.id}`)
        continue
      }
      if (request.holders !== null && !request.holders.has(name)) {
        exclude(name, 'files_elsewhere', 'the files of the request are stored on another upstream')
        continue
      }
      const served = account.foreign?.models.get(modelName) ?? model
      const { error, notices } = checkOn(account, served)
      if (error !== null) {
        rejection ??= error
        exclude(name, 'rejects_request', error.message)
        continue
      }
      const because = getRank({ name, groupIndex, isFirst, isFallback, warm: request.warmUpstream })
      const attempt = { account, model: served, modelName, because, notices }
      const state = health(name, served.id)
      if (state.kind === 'open' || state.kind === 'blocked') {
        unhealthy.push({ attempt, forMs: state.forMs })
        const seconds = Math.ceil(state.forMs / 1_000)
        if (state.kind === 'open')
          exclude(name, 'circuit_open', `it failed repeatedly; the next try is in ${seconds} s`, served.id)
        else exclude(name, 'quota_blocked', `its quota is exhausted for ${seconds} s`, served.id)
        continue
      }
      attempts.push(attempt)
      isFirst = false
    }
  }
  return { attempts, excluded, estimate, unhealthy, rejection }
}

interface CheckResult {
  readonly error: Finding | null
  readonly notices: readonly string[]
}

/** Checks the request once for each platform. */
function createPlatformCheck(
  model: Model,
  { facts, betas, serverTools, sourceTypes, demand = null }: PlanRequest,
): (account: UpstreamAccount, served: Model) => CheckResult {
  const known = new Map<string, CheckResult>()
  return ({ name, platform, models, foreign, betas: overrides }, served) => {
    // The catalog has the rules of its own models only; the facts of others are in the configuration.
    if (foreign !== undefined)
      return { error: demand === null ? null : checkForeign(demand(), served, foreign.facts), notices: [] }
    if (models?.has(anyModel) === true) return { error: null, notices: [] }
    // An upstream with betas of its own is checked by itself.
    const group = overrides === undefined ? platform : `${platform} ${name}`
    const found = known.get(group)
    if (found !== undefined) return found
    const missing = findMissing({ tool_types: serverTools, source_types: sourceTypes }, model, platform)
    if (facts === null) return { error: missing ?? null, notices: [] }
    const adapted = {
      ...omitRemoved(facts, model, platform),
      betas: selectBetas(betas, platform, overrides).betas,
    }
    // An older model on Bedrock gets the older version.
    const findings = check(adapted, model, { platform }).filter(
      ({ code }) => code !== 'version_not_on_bedrock',
    )
    const result = {
      error: missing ?? findings.find(({ severity }) => severity === 'error') ?? null,
      // A warning about a superfluous header is advice for the client's author and does not affect this call.
      notices: findings
        .filter(({ severity, path }) => severity !== 'error' && path !== 'anthropic-beta')
        .map(({ message }) => message),
    }
    known.set(group, result)
    return result
  }
}

/** The Claude API has all tools and sources; a cloud that lacks one does not know its type. */
function findMissing(facts: KnownFacts, model: Model, platform: Platform): Finding | undefined {
  if (platform === 'anthropic' || (facts.tool_types.length === 0 && facts.source_types.length === 0))
    return undefined
  return check(facts, model, { platform }).find(({ code }) => missingCodes.has(code))
}

type KnownFacts = Required<Record<'tool_types' | 'source_types', readonly string[]>>

const missingCodes: ReadonlySet<string> = new Set(['tool_type_missing_on_platform', 'source_not_on_platform'])

/** The facts without the members that are removed for the platform. */
function omitRemoved(facts: RequestFacts, model: Model, platform: Platform): RequestFacts {
  const { body_members: members = [] } = facts
  const { patches } = removeMembers((name) => members.includes(name), model, platform)
  if (patches.length === 0) return facts
  const removed = patches.map(({ member }) => member)
  return {
    ...facts,
    body_members: members.filter((member) => !removed.includes(member)),
    ...(removed.includes('speed') && { speed: undefined }),
  }
}

function moveToFront(names: readonly string[], first: string | null): readonly string[] {
  if (first === null || !names.includes(first)) return names
  return [first, ...names.filter((name) => name !== first)]
}

function getRank({
  name,
  groupIndex,
  isFirst,
  isFallback,
  warm,
}: {
  readonly name: string
  readonly groupIndex: number
  readonly isFirst: boolean
  readonly isFallback: boolean
  readonly warm: string | null
}): Rank {
  if (isFallback) return 'fallback_model'
  if (name === warm) return 'warm_cache'
  if (!isFirst) return 'next_in_group'
  return groupIndex > 0 ? 'next_group' : 'first_of_group'
}
