import { resolve, getListedStatus } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'
import { modelLifecycles } from '@anthology/wire'
import type { ModelLifecycle } from '@anthology/wire'

/** The models that an emulator serves, and the day whose rules apply. */
export interface ServedModels {
  readonly models: readonly Model[]
  readonly lifecycle: LifecycleMode
  asOf(): string
}

/** Finds a model by an id or alias of the Claude API; names of other platforms are unknown. */
export function findModel(name: string, { models }: ServedModels): Model | null {
  const found = resolve(name)
  if (!found.ok || !claudeApiNames.has(found.as)) return null
  return models.find(({ id }) => id === found.model.id) ?? null
}

/**
 * Lists the released models with one of the requested lifecycles. By default retired models are hidden
 * (platform.claude.com, api/models), unless the emulator serves them anyway.
 */
export function listedModels(
  servedModels: ServedModels,
  requested: readonly ModelLifecycle[] | null,
): readonly Model[] {
  const shown =
    requested ?? (servedModels.lifecycle === 'ignore' ? modelLifecycles : ['active', 'deprecated'])
  const day = servedModels.asOf()
  return servedModels.models.filter((model) =>
    shown.some((lifecycle) => lifecycle === getListedStatus(model, day)),
  )
}

const claudeApiNames: ReadonlySet<string> = new Set(['id', 'alias', 'other_id'])
