import { readAlias } from '../routing/alias.ts'
import type { ForeignNames } from '../routing/foreign-name.ts'
import { findWeight } from '../routing/routing-config.ts'
import type { AliasTarget, RoutingConfig, Weights } from '../routing/routing-config.ts'
import { printTime } from './change.ts'
import type { AliasChange, RoutingChange, WeightsChange } from './routing-changes.ts'

/** The routing with which changes are compared. */
export interface RoutingBase {
  readonly config: RoutingConfig
  readonly foreign: ForeignNames
  readonly upstreams: readonly string[]
}

/** The aliases by name and the weights that are in force, each with its source and the value of the configuration. */
export function describeRouting(base: RoutingBase, changes: readonly RoutingChange[]) {
  const changed = new Map(
    changes.flatMap((change) => (change.kind === 'alias' ? [[change.name, change] as const] : [])),
  )
  const names = new Set([...Object.keys(base.config.aliases ?? {}), ...changed.keys()])
  return {
    weights: describeWeights(
      base,
      changes.find((change) => change.kind === 'weights'),
    ),
    aliases: [...names]
      .toSorted((one, other) => (one < other ? -1 : 1))
      .map((name) => describeAlias(base, name, changed.get(name))),
  }
}

export function describeWeights({ config, upstreams }: RoutingBase, change: WeightsChange | undefined) {
  const print = (weights: Weights) =>
    Object.fromEntries(upstreams.map((name) => [name, findWeight(weights, name) ?? 1]))
  const configured = config.weights ?? {}
  return {
    source: change === undefined ? ('config' as const) : ('api' as const),
    changed_at: printTime(change?.changedAtMs ?? null),
    values: print(change?.weights ?? configured),
    config: print(configured),
  }
}

export function describeAlias(
  { config: { aliases = {} }, foreign }: RoutingBase,
  name: string,
  change: AliasChange | undefined,
) {
  const configured = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  const target = change?.target ?? configured ?? ''
  const read = readAlias(name, target, foreign)
  return {
    name,
    ...describeTarget(target),
    source: change === undefined ? ('config' as const) : ('api' as const),
    changed_at: printTime(change?.changedAtMs ?? null),
    config: configured === undefined ? null : describeTarget(configured),
    problem: 'problem' in read ? read.problem.message : null,
  }
}

function describeTarget(target: AliasTarget) {
  const { to, share = '100%', from = null } = typeof target === 'string' ? { to: target } : target
  return { to, share, from }
}
