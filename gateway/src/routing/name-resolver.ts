import { describeUnresolved } from '@anthology/catalog'
import type { Platform, Resolution } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'
import { resolveAny } from './foreign-name.ts'
import type { ForeignNames } from './foreign-name.ts'
import type { RoutingConfig } from './routing-config.ts'

/** Finds the model for a client's name: the configuration's aliases come first, then the catalog. */
export type ResolveName = (name: string, platform?: Platform) => Resolution

/** Throws a GatewayError for an alias of an unknown model. */
export function createNameResolver(
  { aliases = {} }: Pick<RoutingConfig, 'aliases'> = {},
  foreign: ForeignNames = new Map(),
): ResolveName {
  for (const [alias, name] of Object.entries(aliases)) {
    const found = resolveAny(name, {}, foreign)
    if (found.ok) continue
    const message = `routing.aliases: '${alias}' stands for '${name}', which is not a model`
    throw new GatewayError('config_invalid', message, { hint: describeUnresolved(found) })
  }
  const own = new Map(Object.entries(aliases))
  return (name, platform) => resolveAny(name, { platform, aliases: own }, foreign)
}
