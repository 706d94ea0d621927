import { describeUnresolved, resolve } from '@anthology/catalog'
import type { Model, Resolution, ResolveOptions } from '@anthology/catalog'

/** The models outside the catalog that upstreams serve, by name. */
export type ForeignNames = ReadonlyMap<string, Model>

/**
 * Finds a model by the exact name of a foreign model or an alias of it, else as the catalog's `resolve`. Claude Code's
 * `[1m]` is ignored in a foreign name, because the configuration states the window.
 */
export function resolveAny(name: string, options: ResolveOptions, foreign: ForeignNames): Resolution {
  if (foreign.size === 0) return resolve(name, options)
  const exact = name.replace(/\[1m\]$/i, '')
  const model = foreign.get(options.aliases?.get(exact) ?? exact)
  if (model === undefined) return resolve(name, options)
  return { ok: true, model, as: 'own_alias', canonical: model.id }
}

/** The hint for a name in the configuration or in an option that is no model. */
export function hintAtModels(unresolved: Parameters<typeof describeUnresolved>[0]): string {
  return describeUnresolved(unresolved) || 'anthology models --all lists all models.'
}
