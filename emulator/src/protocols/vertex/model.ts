import { getLifecycle, nameOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { ServedModels } from '../../api/served-models.ts'

export interface VertexModel {
  readonly model: Model
  /** What is uncertain about the name; null: nothing. */
  readonly notice: string | null
}

/**
 * Finds a model as Google Cloud knows it: by its id there, in a location that serves it. The id without its day may
 * be an alias, which no page says; it is taken, with a notice. Null: there is none.
 */
export function findVertexModel(
  name: string,
  location: string,
  servedModels: ServedModels,
): VertexModel | null {
  const model =
    servedModels.models.find(({ platforms }) => platforms.vertex === name) ?? findUndated(name, servedModels)
  if (!model || nameOn(model, 'vertex', { region: location }) === null) return null
  if (servedModels.lifecycle === 'enforce' && isAway(model, servedModels.asOf())) return null
  const id = model.platforms.vertex
  const notice =
    id === name ? null : `${name} is taken for ${id}; whether Google Cloud has such an alias is not known`
  return { model, notice }
}

function findUndated(name: string, { models }: ServedModels): Model | undefined {
  return models.find(({ platforms }) => platforms.vertex?.replace(/@\d{8}$/, '') === name)
}

function isAway(model: Model, day: string): boolean {
  const { status } = getLifecycle(model, 'vertex', day)
  return status === 'retired' || status === 'unreleased'
}
