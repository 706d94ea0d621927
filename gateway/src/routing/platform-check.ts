import { check } from '@anthology/catalog'
import type { Finding, Model, Platform, RequestFacts } from '@anthology/catalog'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { selectBetas } from '../upstreams/beta-policy.ts'
import { anyModel } from '../upstreams/foreign-model.ts'
import { removeMembers } from '../upstreams/member-policy.ts'
import { checkForeign } from './foreign-check.ts'
import type { Demand } from './foreign-check.ts'
import { mayLackHour } from './hour-mark.ts'

/** What the checks of a request depend on. */
export interface CheckedRequest {
  readonly betas: readonly string[]
  /** The facts for the catalog's checks, without betas; null: requests are not validated. */
  readonly facts: RequestFacts | null
  /** Read only for an upstream with foreign models; null: requests are not validated. */
  readonly demand?: (() => Demand) | null
  /** Whether a block asks for a cache entry of an hour; called only for a platform that may lack them. */
  readonly hasHourMark?: (() => boolean) | null
  /** The types of the tools, if one of them may be missing on some platforms. */
  readonly serverTools: readonly string[]
  /** The kinds of source of images and documents, if one of them may be missing on some platforms. */
  readonly sourceTypes: readonly string[]
}

/** The answer of an upstream's platform to a request. */
export interface CheckResult {
  readonly error: Finding | null
  readonly notices: readonly string[]
}

/** Checks the request once for each platform. */
export function createPlatformCheck(
  model: Model,
  { facts, betas, serverTools, sourceTypes, demand = null, hasHourMark = null }: CheckedRequest,
): (account: UpstreamAccount, served: Model) => CheckResult {
  const known = new Map<string, CheckResult>()
  return ({ name, platform, hosting, models, foreign, betas: overrides }, served) => {
    // The catalog has the rules of its own models only; the facts of others are in the configuration.
    if (foreign !== undefined)
      return { error: demand === null ? null : checkForeign(demand(), served, foreign.facts), notices: [] }
    if (models?.has(anyModel) === true) return { error: null, notices: [] }
    // The rules of Foundry depend on the hosting. An upstream with betas of its own is checked by itself.
    const kind = hosting === undefined ? platform : `${platform}/${hosting}`
    const group = overrides === undefined ? kind : `${kind} ${name}`
    const found = known.get(group)
    if (found !== undefined) return found
    const missing = findMissing({ tool_types: serverTools, source_types: sourceTypes }, model, {
      platform,
      hosting,
    })
    if (facts === null) return { error: missing ?? null, notices: [] }
    const adapted = {
      ...omitRemoved(facts, model, platform),
      betas: selectBetas(betas, platform, overrides).betas,
      ...(hasHourMark !== null && mayLackHour(model, platform) && hasHourMark() && { cache_ttls: ['1h'] }),
    }
    // An older model on Bedrock gets the older version.
    const findings = check(adapted, model, { platform, hosting }).filter(
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
function findMissing(facts: KnownFacts, model: Model, where: Place): Finding | undefined {
  if (where.platform === 'anthropic' || (facts.tool_types.length === 0 && facts.source_types.length === 0))
    return undefined
  return check(facts, model, where).find(({ code }) => missingCodes.has(code))
}

type Place = Pick<UpstreamAccount, 'platform' | 'hosting'>

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
