import { getLifecycle, nameOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { ServedModels } from '../../api/served-models.ts'

export interface VertexModel {
  readonly model: Model
  /** A notice if the name is uncertain, else null. */
  readonly notice: string | null
}

/**
 * Finds a model by its id on Google Cloud, in a location that serves it; null if there is none. The id without its date
 * may be an alias, which is not documented; it is accepted with a notice.
 */
export function findVertexModel(
  name: string,
  location: string,
  servedModels: ServedModels,
): VertexModel | null {
  const model =
    servedModels.models.find(({ platforms }) => platforms.vertex === name) ?? findUndated(name, servedModels)
  if (!model || nameOn(model, 'vertex', { region: location }) === null) return null
  if (servedModels.lifecycle === 'enforce' && isUnavailable(model, servedModels.asOf())) return null
  const id = model.platforms.vertex
  const notice =
    id === name ? null : `${name} is taken for ${id}; whether Google Cloud has such an alias is not known`
  return { model, notice }
}

function findUndated(name: string, { models }: ServedModels): Model | undefined {
  return models.find(({ platforms }) => platforms.vertex?.replace(/@\d{8}$/, '') === name)
}

function isUnavailable(model: Model, day: string): boolean {
  const { status } = getLifecycle(model, 'vertex', day)
  return status === 'retired' || status === 'unreleased'
}
