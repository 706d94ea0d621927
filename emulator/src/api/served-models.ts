import { resolve, getListedStatus } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'
import { modelLifecycles } from '@anthology/wire'
import type { ModelLifecycle } from '@anthology/wire'

/** The models one emulator stands in for, and the day whose rules it goes by. */
export interface ServedModels {
  readonly models: readonly Model[]
  readonly lifecycle: LifecycleMode
  asOf(): string
}

/** Finds a model as the Claude API would: by id or alias. Names of other platforms are unknown here. */
export function findModel(name: string, { models }: ServedModels): Model | null {
  const found = resolve(name)
  if (!found.ok || !claudeApiNames.has(found.as)) return null
  return models.find(({ id }) => id === found.model.id) ?? null
}

/**
 * The models a list shows: those that are out, and of them those that stand as is asked for. Retired
 * ones are hidden otherwise (platform.claude.com, api/models), but not where they are served all the same.
 */
export function listedModels(
  servedModels: ServedModels,
  asked: readonly ModelLifecycle[] | null,
): readonly Model[] {
  const shown = asked ?? (servedModels.lifecycle === 'ignore' ? modelLifecycles : ['active', 'deprecated'])
  const day = servedModels.asOf()
  return servedModels.models.filter((model) =>
    shown.some((lifecycle) => lifecycle === getListedStatus(model, day)),
  )
}

const claudeApiNames: ReadonlySet<string> = new Set(['id', 'alias', 'other_id'])
