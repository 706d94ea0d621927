import { describeUnresolved, resolve } from '@anthology/catalog'
import type { Model, Platform, Resolution } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'

/** Finds the model for a client's name: the configuration's aliases come first, then the catalog. */
export type ResolveName = (name: string, platform?: Platform) => Resolution

/**
 * Foreign models, which are not in the catalog, are found by their exact name or an alias of it; `[1m]` is ignored.
 * Throws a GatewayError for an alias of an unknown model.
 */
export function createNameResolver(
  { aliases = {} }: { readonly aliases?: Readonly<Record<string, string>> } = {},
  foreign: ReadonlyMap<string, Model> = new Map(),
): ResolveName {
  for (const [alias, name] of Object.entries(aliases)) {
    const found = resolve(name)
    if (found.ok || foreign.has(name)) continue
    const message = `routing.aliases: '${alias}' stands for '${name}', which is not a model`
    throw new GatewayError('config_invalid', message, { hint: describeUnresolved(found) })
  }
  const own = new Map(Object.entries(aliases))
  const resolveListed: ResolveName = (name, platform) => resolve(name, { platform, aliases: own })
  if (foreign.size === 0) return resolveListed
  return (name, platform) => {
    const exact = name.replace(/\[1m\]$/i, '')
    const model = foreign.get(own.get(exact) ?? exact)
    if (model === undefined) return resolveListed(name, platform)
    return { ok: true, model, as: 'own_alias', canonical: model.id }
  }
}
