import { describeModel } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { pageModels, parseLifecycles } from '@anthology/wire'
import type { ModelInfo, ModelObject } from '@anthology/wire'

import { findModel, listedModels } from './served-models.ts'
import type { Family } from './served-models.ts'
import { jsonReply, refusalReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import type { Call, Settings } from './route.ts'

/** Newest first, as the catalog has them; `lifecycle[]` names what is to be shown. */
export function listModels({ query, head }: Call, { family }: Settings): Reply {
  const asked = parseLifecycles(query)
  if (!asked.ok) return refusalReply({ status: 400, message: asked.message }, head)
  const paged = pageModels(listedModels(family, asked.lifecycles).map(describeFor(family)), {
    limit: query.get('limit') ?? undefined,
    after_id: query.get('after_id') ?? undefined,
    before_id: query.get('before_id') ?? undefined,
  })
  return paged.ok ? jsonReply(paged.page, head) : refusalReply({ status: 400, message: paged.message }, head)
}

/** An alias is answered with the model it stands for. */
export function retrieveModel({ name, head }: Call, { family }: Settings): Reply {
  const model = findModel(name, family)
  const isHidden =
    model !== null && family.lifecycle === 'enforce' && !listedModels(family, null).includes(model)
  if (!model || isHidden) return refusalReply({ status: 404, message: `model: ${name.slice(0, 256)}` }, head)
  return jsonReply(describeFor(family)(model), head)
}

function describeFor(family: Family): (model: Model) => ModelObject | ModelInfo {
  const options = { asOf: family.asOf(), mode: family.lifecycle }
  return (model) => describeModel(model, options)
}
