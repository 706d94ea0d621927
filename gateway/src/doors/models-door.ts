import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Model, models, resolve } from '@anthology/catalog'
import { modelObject, pageModels } from '@anthology/wire'

import { admitKey } from '../admit.ts'
import { unknownModel } from '../call.ts'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { Key } from '../key-ring.ts'
import { sendJson } from '../reply.ts'

/** Lists the models that the key may use, newest first. */
export function serveModels(
  context: Context,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const key = admitKey(request.headers, context.ring)
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const asked = Object.fromEntries(
    ['limit', 'after_id', 'before_id'].map((name) => [name, query.get(name) ?? undefined]),
  )
  const page = pageModels(models.filter((model) => mayUse(key, model)).map(describe), asked)
  if (!page.ok) throw new Refusal('bad_request', page.message)
  sendJson(response, 200, id, page.page)
}

/** One model by any of its names; an alias answers with the model that it names today. */
export function serveModel(
  context: Context,
  id: string,
  name: string,
  exchange: { request: IncomingMessage; response: ServerResponse },
): void {
  const key = admitKey(exchange.request.headers, context.ring)
  const found = resolve(name)
  if (!found.ok) throw new Refusal('unknown_model', unknownModel(name, found.suggestions))
  if (!mayUse(key, found.model)) throw new Refusal('unknown_model', `model: ${name.slice(0, 256)}`)
  sendJson(exchange.response, 200, id, describe(found.model))
}

function mayUse(key: Key, model: Model): boolean {
  return key.models === null || key.models.has(model.id)
}

function describe(model: Model): ReturnType<typeof modelObject> {
  // Of the newest models no reply of the real list was seen; their release day stands in.
  const created = model.createdAt ?? `${model.lifecycle.anthropic.released}T00:00:00Z`
  return modelObject({ id: model.id, display_name: model.displayName, created_at: created })
}
