import { GatewayError } from '../errors.ts'
import { hintAtModels, resolveAny } from './foreign-name.ts'
import type { ForeignNames } from './foreign-name.ts'

/** `routing` of anthology.yaml. */
export interface RoutingConfig {
  /** Names of your own, such as ARNs, and the names of their models; a name of the catalog can be moved too. */
  readonly aliases?: Readonly<Record<string, AliasTarget>>
  /** Upstreams in order of preference; inside a group by weight and load. Default: each upstream is a group, in the file's order. */
  readonly groups?: readonly (readonly string[])[]
  /** The share of conversations inside a group; default 1. */
  readonly weights?: Readonly<Record<string, number>>
  /** Other groups for some models, under any of their names. */
  readonly models?: Readonly<Record<string, readonly (readonly string[])[]>>
  /** Models to use instead when no upstream can serve the one that was asked for, best first. */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>
  readonly circuit?: Partial<CircuitConfig>
}

/** A model's name, or one for a share of the conversations or from a day on. */
export type AliasTarget =
  | string
  | {
      readonly to: string
      /** In percent, such as `10%`; default all conversations. */
      readonly share?: string
      /** The first day (UTC), `YYYY-MM-DD`. */
      readonly from?: string
    }

export interface CircuitConfig {
  /** Failures within the window that open the circuit of one model at one upstream. */
  readonly failures: number
  readonly window_ms: number
  /** The time until one call tries an open circuit again. */
  readonly probe_ms: number
}

export const defaultCircuit: CircuitConfig = { failures: 5, window_ms: 30_000, probe_ms: 15_000 }

/** The order of upstreams, with models by their id. */
export interface RoutingOrder {
  /** The groups of all models without groups of their own. */
  readonly groups: readonly (readonly string[])[]
  readonly modelGroups: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly groupsOf: (modelId: string) => readonly (readonly string[])[]
  readonly weightOf: (upstream: string) => number
  /** The ids of the models to use instead of a model, best first. */
  readonly fallbacksOf: (modelId: string) => readonly string[]
}

/** The weights of upstreams by name. */
export type Weights = NonNullable<RoutingConfig['weights']>

/**
 * Reads the order; throws a GatewayError that names an unknown upstream or model. `getWeights` returns the weights at
 * the moment, which may change at run time.
 */
export function createRoutingOrder(
  config: RoutingConfig,
  upstreams: readonly string[],
  foreign: ForeignNames = new Map(),
  getWeights: () => Weights = () => config.weights ?? {},
): RoutingOrder {
  const repeated = upstreams.find((name, index) => upstreams.indexOf(name) !== index)
  if (repeated !== undefined)
    throw invalid(`two upstreams are called '${repeated}'`, 'Give each upstream a name of its own.')
  const checkGroups = (groups: readonly (readonly string[])[], member: string) => {
    for (const name of groups.flat())
      if (!upstreams.includes(name))
        throw invalid(`${member}: there is no upstream '${name}'`, `Upstreams: ${upstreams.join(', ')}.`)
    const twice = groups.flatMap((group) => group.filter((name, index) => group.indexOf(name) !== index))
    if (twice[0] !== undefined)
      throw invalid(
        `${member}: a group names the upstream '${twice[0]}' twice`,
        'Name it once; routing.weights gives an upstream a larger share of its group.',
      )
    return groups
  }
  const own = new Map(
    Object.entries(config.aliases ?? {}).map(([name, target]) => [
      name,
      typeof target === 'string' ? target : target.to,
    ]),
  )
  const toId = (name: string, member: string): string => {
    const found = resolveAny(name, { aliases: own }, foreign)
    if (found.ok) return found.model.id
    throw invalid(`${member}: '${name}' is not a model`, hintAtModels(found))
  }
  const usual = checkGroups(config.groups ?? upstreams.map((name) => [name]), 'routing.groups')
  const byModel = new Map(
    Object.entries(config.models ?? {}).map(([name, groups]) => [
      toId(name, 'routing.models'),
      checkGroups(groups, `routing.models.${name}`),
    ]),
  )
  if (config.groups !== undefined && usual.length + [...byModel.values()].flat().length === 0)
    throw invalid(
      'routing.groups: there is no group, so no upstream would be asked',
      'Name upstreams in groups, or remove routing.groups: each upstream is then a group.',
    )
  const fallbacks = new Map(
    Object.entries(config.fallbacks ?? {}).map(([name, others]) => [
      toId(name, 'routing.fallbacks'),
      others.map((other) => toId(other, `routing.fallbacks.${name}`)),
    ]),
  )
  checkGroups([Object.keys(config.weights ?? {})], 'routing.weights')
  const idle = findIdleGroup({ groups: usual, modelGroups: byModel }, config.weights ?? {})
  if (idle !== null)
    throw invalid(
      `routing.weights: every upstream of the group ${idle.join(', ')} has weight 0`,
      'None of them would be asked. Give one a weight above 0, or remove the group.',
    )
  return {
    groups: usual,
    modelGroups: byModel,
    groupsOf: (modelId) => byModel.get(modelId) ?? usual,
    weightOf: (upstream) => findWeight(getWeights(), upstream) ?? 1,
    fallbacksOf: (modelId) => fallbacks.get(modelId) ?? [],
  }
}

/**
 * Returns a group of several upstreams that all have the weight 0, so that none of them would be asked; null without
 * one.
 */
export function findIdleGroup(
  { groups, modelGroups }: Pick<RoutingOrder, 'groups' | 'modelGroups'>,
  weights: Weights,
): readonly string[] | null {
  const all = [...groups, ...[...modelGroups.values()].flat()]
  return all.find((group) => group.length > 1 && group.every((name) => weights[name] === 0)) ?? null
}

/** Undefined without a weight. An upstream may be called `constructor`. */
export function findWeight(weights: Weights, upstream: string): number | undefined {
  return Object.hasOwn(weights, upstream) ? weights[upstream] : undefined
}

function invalid(message: string, hint: string): GatewayError {
  return new GatewayError('config_invalid', message, { hint })
}
