import type { Model } from '@anthology/catalog'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { nameAt } from '../upstreams/model-name.ts'
import type { ExcludedUpstream } from './exclusion.ts'
import { takesCalls } from './rank.ts'
import { describeReach } from './reach.ts'
import type { RoutingOrder } from './routing-config.ts'

/** The reason why an upstream cannot take a call. */
export type Obstacle = Pick<ExcludedUpstream, 'because' | 'detail'>

/** What decides where a request may go, whatever the state of the upstreams is. */
export interface PlaceRequest {
  /** Only the tokens of the request are to be counted. */
  readonly countsTokens: boolean
  /** The upstreams that store the files of the request; null: it names no file of the key. */
  readonly holders: ReadonlySet<string> | null
  /** The part of the request that names a user profile, to which only the Claude API bills; null: none does. */
  readonly userProfile: string | null
  /** The ids of the models that the key may use; null: all. */
  readonly permittedModels: ReadonlySet<string> | null
  /** The regions whose upstreams the key may use; null: all. */
  readonly regions: ReadonlySet<string> | null
}

/** The upstreams that no group of the model ranks: they are in none of them, or have no share of the conversations. */
export function excludeUnranked(
  accounts: readonly UpstreamAccount[],
  { id: model }: Model,
  { groupsOf, weightOf }: Pick<RoutingOrder, 'groupsOf' | 'weightOf'>,
): ExcludedUpstream[] {
  const groups = groupsOf(model)
  return accounts.flatMap(({ name: upstream }): ExcludedUpstream[] => {
    const own = groups.filter((group) => group.includes(upstream))
    if (own.length === 0) {
      const detail = `the groups of ${model} do not contain it`
      return [{ upstream, model, because: 'not_in_groups', detail }]
    }
    if (own.some((group) => takesCalls(group, upstream, weightOf))) return []
    return [{ upstream, model, because: 'weight_zero', detail: 'its weight is 0' }]
  })
}

/** Only the Claude API bills calls to user profiles. */
export function billsOperator({ platform, foreign }: UpstreamAccount): boolean {
  return platform !== 'anthropic' || foreign !== undefined
}

/** The model's name at an upstream, or what keeps the upstream from taking the call whatever its health is. */
export function findPlace(
  account: UpstreamAccount,
  model: Model,
  { permittedModels, userProfile, regions, countsTokens, holders }: PlaceRequest,
): { readonly modelName: string } | Obstacle {
  const { name, platform, region } = account
  // The model that was asked for is permitted, but the fallbacks are those of all keys.
  if (permittedModels !== null && !permittedModels.has(model.id)) {
    const detail = `the key may not use ${model.id}; it may use ${[...permittedModels].join(', ')}`
    return { because: 'model_not_permitted', detail }
  }
  if (regions !== null && !regions.has(region ?? '')) {
    const where = region === undefined ? 'it has no region' : `its region is ${region}`
    const detail = `${where}; the key may use ${[...regions].join(', ')}`
    return { because: 'region_not_allowed', detail }
  }
  if (userProfile !== null && billsOperator(account)) {
    const detail = `${userProfile}: only the Claude API bills a user profile, and this upstream bills the operator`
    return { because: 'user_profile_elsewhere', detail }
  }
  const modelName = nameAt(model, account)
  if (modelName === null) {
    const where = region === undefined ? platform : `${platform} in ${region}`
    return { because: 'model_not_offered', detail: `${model.id} is not offered on ${where}` }
  }
  const outside = regions === null ? null : describeReach(account, modelName, regions)
  if (outside !== null) return { because: 'region_not_allowed', detail: outside }
  if (countsTokens && account.adapter?.hasTokenCount?.(model) === false)
    return { because: 'no_token_count', detail: `it does not count the tokens of ${model.id}` }
  if (holders !== null && !holders.has(name))
    return { because: 'files_elsewhere', detail: 'the files of the request are stored on another upstream' }
  return { modelName }
}
