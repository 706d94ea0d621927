import { resolve } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import { rateKinds } from '../leases/allowance.ts'
import type { RateLimits } from '../leases/allowance.ts'

/** `rates` of anthology.yaml; `unlimited` lifts what a wider entry says. */
export interface RatesConfig {
  readonly default?: RateEntry
  readonly models?: Readonly<Record<string, RateEntry>>
  /** By a key's id or its name. */
  readonly keys?: Readonly<Record<string, KeyRateEntry>>
}

export interface RateEntry {
  readonly requests_per_minute?: number | 'unlimited'
  readonly input_tokens_per_minute?: number | 'unlimited'
  readonly output_tokens_per_minute?: number | 'unlimited'
}

export interface KeyRateEntry extends RateEntry {
  readonly models?: Readonly<Record<string, RateEntry>>
}

/** The limits of a key for a model by its pinned id; null: none. */
export type FindRateLimits = (key: Pick<Key, 'id' | 'name'>, modelId: string) => RateLimits | null

/**
 * Reads the limits once. Of the entries that speak of a call the narrowest one
 * counts, figure by figure: the key's for the model, the key's, the model's, the
 * default. Throws a GatewayError for a model that does not exist: an alias and
 * its target are one model, so entries for both contradict each other as well.
 */
export function createRateLimits(config: RatesConfig = {}): FindRateLimits {
  const models = indexByModelId(config.models, 'rates.models')
  const keys = new Map(
    Object.entries(config.keys ?? {}).map(([name, entry]) => [
      name,
      { entry, models: indexByModelId(entry.models, `rates.keys.${name}.models`) },
    ]),
  )

  return (key, modelId) => {
    const own = keys.get(key.id) ?? keys.get(key.name)
    const entries = [own?.models.get(modelId), own?.entry, models.get(modelId), config.default]
    const limits: Partial<Record<(typeof rateKinds)[number], number>> = {}
    for (const kind of rateKinds) {
      const found = entries.find((entry) => entry?.[`${kind}_per_minute`] !== undefined)
      const limit = found?.[`${kind}_per_minute`]
      if (typeof limit === 'number') limits[kind] = limit
    }
    return Object.keys(limits).length === 0 ? null : limits
  }
}

function indexByModelId(
  entries: Readonly<Record<string, RateEntry>> = {},
  where: string,
): ReadonlyMap<string, RateEntry> {
  const found = new Map<string, RateEntry>()
  for (const [name, entry] of Object.entries(entries)) {
    const resolved = resolve(name)
    if (!resolved.ok) {
      const hint = resolved.suggestions.length > 0 ? `Did you mean ${resolved.suggestions.join(' or ')}?` : ''
      throw new GatewayError('config_invalid', `${where}: there is no model '${name}'`, { hint })
    }
    const { id } = resolved.model
    if (found.has(id))
      throw new GatewayError('config_invalid', `${where}: '${name}' is ${id}, which has an entry already`)
    found.set(id, entry)
  }
  return found
}
