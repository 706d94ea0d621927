import { getLifecycle, isProfileOnly, listGeographies, models, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { allWorkspaces } from '../auth/oidc.ts'
import type { OidcConfig } from '../auth/oidc.ts'
import { getDay } from '../clock.ts'
import { findWeight } from '../routing/routing-config.ts'
import type { RoutingConfig } from '../routing/routing-config.ts'
import { nameAt } from '../upstreams/model-name.ts'
import { findSimilarRegion, isKnownRegion } from './cloud-regions.ts'
import type { CloudWithRegions } from './cloud-regions.ts'
import type { BedrockConfig, Config, UpstreamConfig } from './parse-config.ts'

/** A part of a configuration that is valid and probably a mistake. */
export interface ConfigWarning {
  /** Its member, such as `upstreams.0.region`. */
  readonly member: string
  readonly text: string
  readonly next: string
}

/**
 * Finds parts of a configuration that do not do what was probably meant. They are no errors: clouds have regions and
 * inference profiles that the catalog does not know yet, and an upstream may be left out on purpose.
 */
export function findConfigWarnings(
  upstreams: readonly UpstreamConfig[],
  { routing, console: consoleConfig }: Pick<Config, 'routing' | 'console'>,
  nowMs: number,
): readonly ConfigWarning[] {
  const places = upstreams.flatMap((upstream, index) => {
    const found = checkPlace(upstream, getDay(nowMs))
    return found === null ? [] : [{ ...found, member: `upstreams.${index}.${found.member}` }]
  })
  return [
    ...places,
    ...(routing === undefined ? [] : checkRouting(upstreams, routing)),
    ...checkGroups(consoleConfig?.oidc ?? {}),
  ]
}

/** Finds groups whose users can sign in at the console, and see nothing there. */
function checkGroups({ roles = {}, workspaces }: Partial<OidcConfig>): readonly ConfigWarning[] {
  if (workspaces === undefined) return []
  return Object.entries(roles)
    .filter(([group, role]) => role !== 'admin' && !Object.hasOwn(workspaces, group))
    .map(([group, role]) => ({
      member: `console.oidc.roles.${group}`,
      text: `users of group '${group}' have the role ${role} and see no workspace, because console.oidc.workspaces does not name the group`,
      next: `Add it there: the names of its workspaces, or "${allWorkspaces}" for all.`,
    }))
}

function checkPlace(upstream: UpstreamConfig, day: string): ConfigWarning | null {
  if (upstream.platform === 'vertex') return checkRegion('vertex', 'location', upstream.location)
  if (upstream.platform !== 'bedrock') return null
  return checkRegion('bedrock', 'region', upstream.region) ?? checkProfile(upstream, day)
}

function checkRegion(cloud: CloudWithRegions, member: string, name: string): ConfigWarning | null {
  if (isKnownRegion(cloud, name)) return null
  const similar = findSimilarRegion(cloud, name)
  const kind = cloud === 'bedrock' ? 'region of AWS' : 'location of Vertex AI'
  const spelling = similar === null ? 'Check its spelling.' : `Did you mean ${similar}?`
  return {
    member,
    text: `'${name}' is not a known ${kind}`,
    next: `${spelling} A ${kind} that is newer than this version works all the same.`,
  }
}

function checkProfile(
  { region, profile, surface = 'invoke', models: names }: BedrockConfig,
  day: string,
): ConfigWarning | null {
  // Names of the upstream's own need no prefix, and mantle has no profiles.
  if (names !== undefined || surface === 'mantle') return null
  const geographies = listGeographies(region)
  const usable = [...geographies, ...(isGovernment(region) ? [] : ['global'])]
  const others = usable.filter((each) => each !== profile)
  const choose =
    others.length === 0 ? 'Leave profile out' : `Set profile to ${others.join(' or ')}, or leave it out`
  if (profile !== undefined && !isUsable(profile, usable))
    return {
      member: 'profile',
      text: `no source lists inference profiles of ${profile} that can be called in ${region}`,
      next: `${choose}.`,
    }
  if (models.some((model) => isOffered(model, { platform: 'bedrock', region, profile }, day))) return null
  if (profile === undefined)
    return {
      member: 'region',
      text: `no model of the catalog is offered in ${region}, so the upstream is never asked`,
      next: 'Choose another region, or name the models of the upstream in models.',
    }
  const reason =
    profile === 'none'
      ? 'the models of the catalog are served by inference profiles only'
      : `no model of the catalog has an inference profile of ${profile}`
  return {
    member: 'profile',
    text: reason,
    next: `${choose}, or name the models of the upstream in models.`,
  }
}

interface BedrockPlace {
  readonly platform: 'bedrock'
  readonly region: string
  readonly profile: string | undefined
}

/** Models without facts about profiles are on offer to few accounts, so they do not count. */
function isOffered(model: Model, place: BedrockPlace, day: string): boolean {
  if (model.bedrockProfiles === null || getLifecycle(model, 'bedrock', day).status === 'retired') return false
  return place.profile === 'none' ? !isProfileOnly(model) : nameAt(model, place) !== null
}

/** The regions that can call the profiles of a geography are not known where the region has none of its own. */
function isUsable(profile: string, usable: readonly string[]): boolean {
  if (profile === 'none' || usable.includes(profile)) return true
  const [first] = usable
  return profile !== 'us-gov' && (first === 'global' || (first === 'ca' && profile === 'us'))
}

/** Its partition has no global profiles. */
function isGovernment(region: string): boolean {
  return region.startsWith('us-gov-')
}

function checkRouting(
  upstreams: readonly UpstreamConfig[],
  routing: RoutingConfig,
): readonly ConfigWarning[] {
  const { groups, models: modelGroups = {}, weights = {} } = routing
  const all = [...(groups ?? []), ...Object.values(modelGroups).flat()]
  // Groups without an upstream are an error.
  if (groups !== undefined && all.length === 0) return []
  const named = new Set(all.flat())
  const unused = upstreams.flatMap(({ name, platform }, index): ConfigWarning[] =>
    groups === undefined || named.has(name ?? platform)
      ? []
      : [
          {
            member: `upstreams.${index}`,
            text: `no group names upstream '${name ?? platform}', so it is never asked`,
            next: 'Add it to routing.groups, or remove it.',
          },
        ],
  )
  const shared = new Set(all.filter((group) => group.length > 1).flat())
  // A weight of an upstream that does not exist is an error of its own.
  const idle = upstreams
    .map(({ name, platform }) => name ?? platform)
    .filter((name) => findWeight(weights, name) !== undefined && !shared.has(name))
  return [
    ...unused,
    ...checkModelGroups(upstreams, routing),
    ...idle.map((name) => ({
      member: `routing.weights.${name}`,
      text: `the weight has no effect, because upstream '${name}' is in no group with another one`,
      next: 'Put the upstreams that share conversations into one group of routing.groups.',
    })),
  ]
}

/** Finds upstreams in the groups of a model that their region does not offer. */
function checkModelGroups(
  upstreams: readonly UpstreamConfig[],
  { models: modelGroups = {}, aliases = {} }: RoutingConfig,
): readonly ConfigWarning[] {
  return Object.entries(modelGroups).flatMap(([spelling, groups]) => {
    // The model of an alias may change from day to day.
    const found = Object.hasOwn(aliases, spelling) ? null : resolve(spelling)
    if (found?.ok !== true) return []
    const { model } = found
    return upstreams.flatMap((upstream): ConfigWarning[] => {
      const name = upstream.name ?? upstream.platform
      const place = describePlace(upstream)
      const isOffering = place === null || nameAt(model, place) !== null
      if (isOffering || !groups.flat().includes(name)) return []
      return [
        {
          member: `routing.models.${spelling}`,
          text: `upstream '${name}' does not offer ${model.id} in ${place.region}, so it is never asked for it`,
          next: 'Remove it from these groups, change its region, or name the model in its models.',
        },
      ]
    })
  })
}

/** The place that decides the names of models; null: the upstream has names of its own, or the same everywhere. */
function describePlace(upstream: UpstreamConfig): Parameters<typeof nameAt>[1] | null {
  if (upstream.platform === 'vertex' && upstream.models === undefined)
    return { platform: 'vertex', region: upstream.location }
  if (upstream.platform !== 'bedrock' || upstream.models !== undefined || upstream.surface === 'mantle')
    return null
  return { platform: 'bedrock', region: upstream.region, profile: upstream.profile }
}
