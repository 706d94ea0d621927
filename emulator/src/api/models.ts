import { describeModel } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { pageModels, parseLifecycles } from '@anthology/wire'
import type { ModelInfo, ModelObject } from '@anthology/wire'

import { findNamedModel, listedModels, toUnknownModelError } from './served-models.ts'
import type { ServedModels } from './served-models.ts'
import { jsonReply, errorReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import type { Call } from '../call.ts'
import type { Settings } from '../options/settings.ts'

/** Lists the models newest first, in catalog order; `lifecycle[]` filters them. */
export function listModels({ query, head }: Call, { servedModels }: Settings): Reply {
  const requested = parseLifecycles(query)
  if (!requested.ok) return errorReply({ status: 400, message: requested.message }, head)
  const paged = pageModels(listedModels(servedModels, requested.lifecycles).map(describeFor(servedModels)), {
    limit: query.get('limit') ?? undefined,
    after_id: query.get('after_id') ?? undefined,
    before_id: query.get('before_id') ?? undefined,
  })
  return paged.ok ? jsonReply(paged.page, head) : errorReply({ status: 400, message: paged.message }, head)
}

/** Returns one model; an alias resolves to its model. */
export function retrieveModel({ name, head }: Call, { servedModels }: Settings): Reply {
  const named = findNamedModel(name, servedModels)
  if (!named.ok) return errorReply(toUnknownModelError(name, named.hint), head)
  const { model } = named
  const isHidden = servedModels.lifecycle === 'enforce' && !listedModels(servedModels, null).includes(model)
  if (isHidden) return errorReply(toUnknownModelError(name, ''), head)
  return jsonReply(describeFor(servedModels)(model), head)
}

function describeFor(servedModels: ServedModels): (model: Model) => ModelObject | ModelInfo {
  const options = { asOf: servedModels.asOf(), mode: servedModels.lifecycle }
  return (model) => describeModel(model, options)
}
