import { describeUnresolved, getLifecycle, nameOn, resolve } from '@anthology/catalog'
import type { Model, NameKind } from '@anthology/catalog'

import type { NamedModel, ServedModels } from '../../api/served-models.ts'

/**
 * Finds a model by its id on Google Cloud, in a location that serves it. The id without its date may be an alias, which
 * is not documented, and so may its other spellings; they are accepted with a notice.
 */
export function findVertexModel(name: string, location: string, servedModels: ServedModels): NamedModel {
  const found = resolve(name, { platform: 'vertex' })
  if (!found.ok) return { ok: false, hint: describeUnresolved(found) }
  const { window } = found
  const model = servedModels.models.find(({ id }) => id === found.model.id)
  const id = model && nameOn(model, 'vertex', { region: location })
  if (!model || !id) return { ok: false, hint: '' }
  if (!vertexNames.has(found.as)) return { ok: false, hint: `Did you mean ${id}?` }
  if (servedModels.lifecycle === 'enforce' && isUnavailable(model, servedModels.asOf()))
    return { ok: false, hint: '' }
  const notice =
    id === name ? null : `${name} is taken for ${id}; whether Google Cloud has such an alias is not known`
  return { ok: true, model, window, notice }
}

/** On Foundry, ids have no date. */
const vertexNames: ReadonlySet<NameKind> = new Set(['vertex', 'foundry', 'alias', 'spelling'])

function isUnavailable(model: Model, day: string): boolean {
  const { status } = getLifecycle(model, 'vertex', day)
  return status === 'retired' || status === 'unreleased'
}
