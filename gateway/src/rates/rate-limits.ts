import { resolve } from '@anthology/catalog'
import type { Resolution } from '@anthology/catalog'

import { GatewayError } from '../errors.ts'
import { hintAtModels } from '../routing/foreign-name.ts'
import type { Key } from '../auth/key-ring.ts'
import { rateKinds } from '../leases/allowance.ts'
import type { RateLimits } from '../leases/allowance.ts'
import type { KeyRateEntry, RateEntry } from './rate-entry.ts'

/** `rates` of anthology.yaml; `unlimited` overrides the limit of a less specific entry. */
export interface RatesConfig {
  readonly default?: RateEntry
  readonly models?: Readonly<Record<string, RateEntry>>
  /** By id or name of the key. */
  readonly keys?: Readonly<Record<string, KeyRateEntry>>
}

/** Finds a key's limits for a pinned model id; null if there are none. */
export type FindRateLimits = (key: Pick<Key, 'id' | 'name' | 'rates'>, modelId: string) => RateLimits | null

/**
 * Reads the limits once. The most specific entry wins, per figure: key and model,
 * key, model, default. Those stored with a key precede those of the configuration. Throws a GatewayError for an unknown model, and for two
 * entries of one model, such as an alias and its target.
 */
export function createRateLimits(
  config: RatesConfig = {},
  resolveModel: (name: string) => Resolution = (name) => resolve(name),
): FindRateLimits {
  const indexByModelId = (entries: Readonly<Record<string, RateEntry>> | undefined, where: string) =>
    indexRates(entries ?? {}, where, resolveModel)
  const models = indexByModelId(config.models, 'rates.models')
  const keys = new Map(
    Object.entries(config.keys ?? {}).map(([name, entry]) => [
      name,
      { entry, models: indexByModelId(entry.models, `rates.keys.${name}.models`) },
    ]),
  )

  return (key, modelId) => {
    const own = keys.get(key.id) ?? keys.get(key.name)
    const stored = key.rates
    const entries = [
      stored?.models?.[modelId],
      stored,
      own?.models.get(modelId),
      own?.entry,
      models.get(modelId),
      config.default,
    ]
    const limits: Partial<Record<(typeof rateKinds)[number], number>> = {}
    for (const kind of rateKinds) {
      const found = entries.find((entry) => entry?.[`${kind}_per_minute`] !== undefined)
      const limit = found?.[`${kind}_per_minute`]
      if (typeof limit === 'number') limits[kind] = limit
    }
    return Object.keys(limits).length === 0 ? null : limits
  }
}

function indexRates(
  entries: Readonly<Record<string, RateEntry>>,
  where: string,
  resolveModel: (name: string) => Resolution,
): ReadonlyMap<string, RateEntry> {
  const found = new Map<string, RateEntry>()
  for (const [name, entry] of Object.entries(entries)) {
    const resolved = resolveModel(name)
    if (!resolved.ok) {
      const hint = hintAtModels(resolved)
      throw new GatewayError('config_invalid', `${where}: there is no model '${name}'`, { hint })
    }
    const { id } = resolved.model
    if (found.has(id))
      throw new GatewayError('config_invalid', `${where}: '${name}' is ${id}, which has an entry already`)
    found.set(id, entry)
  }
  return found
}
