import { lifecycleOf, resolve } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'

/** The models one emulator stands in for, and the day whose rules it goes by. */
export interface Family {
  readonly models: readonly Model[]
  readonly lifecycle: LifecycleMode
  asOf(): string
}

/** Finds a model as the Claude API would: by id or alias. Names of other platforms are unknown here. */
export function findModel(name: string, { models }: Family): Model | null {
  const found = resolve(name)
  if (!found.ok || !claudeApiNames.has(found.as)) return null
  return models.find(({ id }) => id === found.model.id) ?? null
}

/** The models a list shows: those that are out on the day, the retired ones too, unless the date is enforced. */
export function listedModels(family: Family): readonly Model[] {
  const hidden = family.lifecycle === 'enforce' ? ['unreleased', 'retired'] : ['unreleased']
  return family.models.filter(
    (model) => !hidden.includes(lifecycleOf(model, 'anthropic', family.asOf()).status),
  )
}

const claudeApiNames: ReadonlySet<string> = new Set(['id', 'alias', 'other_id'])
