import {
  createNameResolver,
  createRoutingOrder,
  findConfigWarnings,
  listForeignModels,
  readForeignModels,
} from '@anthology/gateway'
import type { Config, RoutingConfig, UpstreamConfig } from '@anthology/gateway'

import { fail, getReason, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** Finds names in the routing that mean nothing: of upstreams and of models. */
export function inspectRouting({ upstreams, routing }: Config): readonly Finding[] {
  if (routing === undefined) return []
  const names = (upstreams ?? [{ platform: 'emulator' as const }]).map(
    ({ name, platform }) => name ?? platform,
  )
  const foreign = listForeignNames(upstreams ?? [])
  const problems = new Map<string, Finding>()
  for (const part of listParts(routing, foreign)) {
    try {
      createRoutingOrder(part, names, foreign)
      createNameResolver({ aliases: part.aliases ?? {} }, { foreign })
    } catch (error) {
      const reason = getReason(error)
      const hint =
        error instanceof Error && 'hint' in error && error.hint !== ''
          ? String(error.hint)
          : 'Correct the name.'
      problems.set(reason, fail('Configuration', 'routing', [reason, hint]))
    }
  }
  if (problems.size === 0) return [ok('Configuration', 'routing', 'all its names are known')]
  return [...problems.values()]
}

/** Finds parts of the configuration that are valid and probably a mistake, of which the start of the server warns. */
export function inspectMistakes({
  upstreams = [{ platform: 'emulator' }],
  ...config
}: Config): readonly Finding[] {
  return findConfigWarnings(upstreams, config, Date.now()).map(({ member, text, next }) =>
    warn('Configuration', member.replace(/\..*/, ''), [`${member}: ${text}`, next]),
  )
}

export type ForeignNames = ReturnType<typeof listForeignModels>

/** The models of the configuration that are not in the catalog; none if they are described wrongly. */
export function listForeignNames(upstreams: readonly UpstreamConfig[]): ForeignNames {
  try {
    return listForeignModels(
      upstreams.map((upstream) => {
        const foreign = upstream.platform === 'anthropic' ? readForeignModels(upstream) : null
        return foreign === null ? {} : { foreign }
      }),
    )
  } catch {
    // The configuration's own check reports the mistake.
    return new Map()
  }
}

/** The configuration in parts with one name each, because the gateway reports only the first problem of all. */
function listParts(
  { aliases = {}, groups, weights = {}, models = {}, fallbacks = {} }: RoutingConfig,
  foreign: ForeignNames,
): readonly RoutingConfig[] {
  const valid = keepValid(aliases, foreign)
  return [
    {},
    ...Object.entries(aliases).map(([name, target]) => ({ aliases: { [name]: target } })),
    ...(groups ?? []).flat().map((name) => ({ groups: [[name]] })),
    // Weights that leave none of a group, and groups without an upstream, are found only together.
    ...(groups === undefined ? [] : [{ aliases: valid, groups, weights, models }]),
    ...Object.entries(weights).map(([name, weight]) => ({ weights: { [name]: weight } })),
    ...Object.entries(models).flatMap(([model, own]) =>
      own.flat().map((name) => ({ aliases: valid, models: { [model]: [[name]] } })),
    ),
    ...Object.entries(fallbacks).flatMap(([model, others]) =>
      others.map((other) => ({ aliases: valid, fallbacks: { [model]: [other] } })),
    ),
  ]
}

/** Aliases that are wrong have a finding of their own. */
function keepValid(
  aliases: NonNullable<RoutingConfig['aliases']>,
  foreign: ForeignNames,
): NonNullable<RoutingConfig['aliases']> {
  return Object.fromEntries(
    Object.entries(aliases).filter(([name, target]) => {
      try {
        createNameResolver({ aliases: { [name]: target } }, { foreign })
        return true
      } catch {
        return false
      }
    }),
  )
}
