import type { Model } from '@anthology/catalog'

import { mayUseRegion } from '../auth/authenticate.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { rankByConversation } from '../routing/rank.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { nameAt } from '../upstreams/model-name.ts'

/** The needs of a new batch or file. */
export interface NewResource {
  readonly kind: 'batch' | 'file'
  readonly key: Key
  /** The models of a batch; empty for a file. */
  readonly models: readonly Model[]
  /** The upstreams that store the files that a batch names; null: it names no file of the key. */
  readonly holders: ReadonlySet<string> | null
  /** Decides between the upstreams of a group, by their weights. */
  readonly seed: string
}

type ChoiceContext = Pick<Context, 'accounts' | 'order'> & {
  readonly health: Pick<Context['health'], 'check'>
  readonly credentials: Pick<Context['credentials'], 'findRejection'>
}

/**
 * The account for a new batch or file, in the order of the plan of a call: the first one that has the endpoint and offers
 * every model, and a healthy one if there is any. Throws an ApiError with the reasons if there is none.
 */
export function chooseAccount(context: ChoiceContext, wanted: NewResource): UpstreamAccount {
  const offering = context.accounts.filter((account) => findLack(account, wanted.kind) === null)
  if (offering.length === 0) throw new ApiError('no_route', describeLacks(context.accounts, wanted.kind))
  const permitted = offering.filter((account) => mayUseRegion(wanted.key, account))
  if (permitted.length === 0)
    throw new ApiError(
      'region_not_allowed',
      'no upstream with batches and files is in a region that this key may use',
    )
  const ranked = rankNames(context.order, wanted)
  const possible = ranked
    .flatMap((name) => permitted.find((account) => account.name === name) ?? [])
    .filter(({ name }) => wanted.holders?.has(name) !== false)
    .filter((account) => wanted.models.every((model) => nameAt(model, account) !== null))
  const account = possible.find((each) => isHealthy(each, context, wanted)) ?? possible[0]
  if (account !== undefined) return account
  throw new ApiError('no_route', describeMismatch(permitted, ranked, wanted))
}

/** The upstreams in the groups of every model, best first. Files belong to no model, so all groups count for them. */
function rankNames(order: Context['order'], { models, seed }: NewResource): readonly string[] {
  const [first, ...others] = models
  const groups =
    first === undefined
      ? [...order.groups, ...[...order.modelGroups.values()].flat()]
      : order.groupsOf(first.id)
  const ranked = groups.flatMap((group) => rankByConversation(group, seed, order.weightOf))
  return ranked.filter((name) =>
    others.every(({ id }) =>
      order.groupsOf(id).some((group) => rankByConversation(group, seed, order.weightOf).includes(name)),
    ),
  )
}

/** A batch and a file have one attempt, so neither is the one call that tries an open circuit. */
function isHealthy(
  { name }: UpstreamAccount,
  { health, credentials }: ChoiceContext,
  { models }: NewResource,
): boolean {
  if (credentials.findRejection(name) !== null) return false
  return models.every(({ id }) => {
    const { kind } = health.check(name, id, 'messages')
    return kind === 'healthy' || kind === 'blocked'
  })
}

/** What keeps an upstream from storing any batch or file; null: nothing. */
function findLack({ platform, hosting, foreign }: UpstreamAccount, kind: NewResource['kind']): string | null {
  if (platform === 'foundry' && kind === 'file' && hosting !== undefined)
    return hosting === 'anthropic' ? null : 'Foundry has no Files API for deployments hosted on Azure'
  if (platform !== 'anthropic') return platformLacks[platform][kind]
  return foreign === undefined ? null : `upstreams with models of their own have no ${endpoints[kind]}`
}

/** "Claude in Microsoft Foundry" (Claude docs), and the pages of AWS and Google, as of 2026-11. */
const platformLacks = {
  bedrock: {
    batch: 'Bedrock has no message batches of the Messages API',
    file: 'Bedrock has no Files API',
  },
  vertex: {
    batch: 'Vertex AI has no message batches of the Messages API',
    file: 'Vertex AI has no Files API',
  },
  foundry: {
    batch: 'Foundry has no message batches of the Messages API',
    file: 'Foundry has the Files API for deployments hosted on Anthropic only, which the upstream states with hosting: anthropic',
  },
} as const satisfies Record<
  Exclude<UpstreamAccount['platform'], 'anthropic'>,
  Record<NewResource['kind'], string>
>

const endpoints: Readonly<Record<NewResource['kind'], string>> = { batch: 'message batches', file: 'files' }

function describeLacks(accounts: readonly UpstreamAccount[], kind: NewResource['kind']): string {
  const lacks = new Set(accounts.flatMap((account) => findLack(account, kind) ?? []))
  return `no configured upstream offers ${endpoints[kind]}: ${[...lacks].join('; ')}`
}

/** Why none of the upstreams that offer the endpoint takes this batch or file. */
function describeMismatch(
  permitted: readonly UpstreamAccount[],
  ranked: readonly string[],
  { kind, models, holders }: NewResource,
): string {
  const reasons = permitted.map((account) => {
    const missing = models.find((model) => nameAt(model, account) === null)
    return `${account.name} ${describe(account.name, missing)}`
  })
  return `no configured upstream takes ${kind === 'batch' ? 'this batch' : 'files'}: ${reasons.join('; ')}`

  function describe(name: string, missing: Model | undefined): string {
    if (missing !== undefined) return `does not offer ${missing.id}`
    if (!ranked.includes(name))
      return models.length === 0
        ? 'is in no group'
        : 'is not in the groups of every model, or has the weight 0'
    return holders?.has(name) === false ? 'does not store its files' : 'cannot take it'
  }
}
