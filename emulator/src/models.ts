import type { Model } from '@anthology/catalog'
import { modelObject, pageModels } from '@anthology/wire'
import type { ModelObject } from '@anthology/wire'

import { findModel, listedModels } from './family.ts'
import { jsonReply, refusalReply } from './reply.ts'
import type { Reply } from './reply.ts'
import type { Call, Settings } from './routes.ts'

export function listModels({ query, head }: Call, { family }: Settings): Reply {
  const paged = pageModels(listedModels(family).map(describe), {
    limit: query.get('limit') ?? undefined,
    after_id: query.get('after_id') ?? undefined,
    before_id: query.get('before_id') ?? undefined,
  })
  return paged.ok ? jsonReply(paged.page, head) : refusalReply({ status: 400, message: paged.message }, head)
}

/** An alias is answered with the model it stands for. */
export function retrieveModel({ name, head }: Call, { family }: Settings): Reply {
  const model = findModel(name, family)
  if (!model || !listedModels(family).includes(model))
    return refusalReply({ status: 404, message: `model: ${name.slice(0, 256)}` }, head)
  return jsonReply(describe(model), head)
}

function describe({ id, displayName, createdAt, lifecycle }: Model): ModelObject {
  // Of the newest models no reply of the real list was seen; their release day stands in.
  const created = createdAt ?? `${lifecycle.anthropic.released}T00:00:00Z`
  return modelObject({ id, display_name: displayName, created_at: created })
}
