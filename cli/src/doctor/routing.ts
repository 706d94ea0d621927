import { createNameResolver, createRoutingOrder } from '@anthology/gateway'
import type { Config, RoutingConfig } from '@anthology/gateway'

import { fail, getReason, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'

/** Finds names in the routing that mean nothing: of upstreams, of models, and upstreams that are never asked. */
export function inspectRouting({ upstreams, routing }: Config): readonly Finding[] {
  if (routing === undefined) return []
  const names = (upstreams ?? [{ platform: 'emulator' as const }]).map(
    ({ name, platform }) => name ?? platform,
  )
  const problems = new Map<string, Finding>()
  for (const part of listParts(routing)) {
    try {
      createRoutingOrder(part, names)
      createNameResolver({ aliases: part.aliases ?? {} })
    } catch (error) {
      const reason = getReason(error)
      const hint =
        error instanceof Error && 'hint' in error && error.hint !== ''
          ? String(error.hint)
          : 'Correct the name.'
      problems.set(reason, fail('Configuration', 'routing', [reason, hint]))
    }
  }
  const unused = listUnused(routing, names)
  if (problems.size + unused.length === 0) return [ok('Configuration', 'routing', 'all its names are known')]
  return [...problems.values(), ...unused]
}

/** The configuration in parts with one name each, because the gateway reports only the first problem of all. */
function listParts({
  aliases = {},
  groups,
  weights = {},
  models = {},
  fallbacks = {},
}: RoutingConfig): readonly RoutingConfig[] {
  return [
    {},
    ...Object.entries(aliases).map(([name, target]) => ({ aliases: { [name]: target } })),
    ...(groups ?? []).flat().map((name) => ({ groups: [[name]] })),
    ...Object.entries(weights).map(([name, weight]) => ({ weights: { [name]: weight } })),
    ...Object.entries(models).flatMap(([model, own]) =>
      own.flat().map((name) => ({ aliases: keepValid(aliases), models: { [model]: [[name]] } })),
    ),
    ...Object.entries(fallbacks).flatMap(([model, others]) =>
      others.map((other) => ({ aliases: keepValid(aliases), fallbacks: { [model]: [other] } })),
    ),
  ]
}

/** Aliases that are wrong have a finding of their own. */
function keepValid(aliases: NonNullable<RoutingConfig['aliases']>): NonNullable<RoutingConfig['aliases']> {
  return Object.fromEntries(
    Object.entries(aliases).filter(([name, target]) => {
      try {
        createNameResolver({ aliases: { [name]: target } })
        return true
      } catch {
        return false
      }
    }),
  )
}

function listUnused({ groups, models = {} }: RoutingConfig, names: readonly string[]): readonly Finding[] {
  if (groups === undefined) return []
  const used = new Set([...groups, ...Object.values(models).flat()].flat())
  return names
    .filter((name) => !used.has(name))
    .map((name) =>
      warn('Configuration', 'routing', [
        `no group names upstream '${name}', so it is never asked`,
        'Add it to routing.groups, or remove it.',
      ]),
    )
}
