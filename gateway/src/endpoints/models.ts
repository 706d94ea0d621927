import { getCreatedAt, describeModel, models, getListedStatus } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { chatModel, modelLifecycles, pageModels, parseLifecycles } from '@anthology/wire'
import type { ChatModel, ModelInfo, ModelObject } from '@anthology/wire'

import { getDay } from '../clock.ts'
import { authenticateReader, mayUseModel } from '../auth/authenticate.ts'
import { unknownModel } from '../calls/call.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { ClientExchange, ClientRequest } from '../http/client-exchange.ts'
import { sendJson } from '../http/respond.ts'
import { isForeign } from '../upstreams/foreign-model.ts'
import { readVersion } from '../protocols/messages.ts'

/**
 * Lists the models that the key may use, newest first. Retired models can still be
 * called, so they are listed too, unless `lifecycle[]` excludes them.
 */
export function serveModels(context: Context, { id, request, response }: ClientExchange): void {
  const key = authenticateReader(context, request)
  const protocol = readProtocol(request)
  const day = getDay(context.nowMs())
  const own = [...models, ...context.foreignModels].filter((model) => mayUseModel(key, model))
  if (protocol === 'openai') {
    // OpenAI's list has no pagination.
    const data = own.filter((model) => getListedStatus(model, day) !== null).map(describeForChat)
    return sendJson(response, 200, id, { object: 'list', data })
  }
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const lifecycles = parseLifecycles(query)
  if (!lifecycles.ok) throw new ApiError('bad_request', lifecycles.message)
  const shown = lifecycles.lifecycles ?? modelLifecycles
  const listed = own.filter((model) => shown.some((lifecycle) => lifecycle === getListedStatus(model, day)))
  const params = Object.fromEntries(
    ['limit', 'after_id', 'before_id'].map((name) => [name, query.get(name) ?? undefined]),
  )
  const page = pageModels(
    listed.map((model) => describe(model, day)),
    params,
  )
  if (!page.ok) throw new ApiError('bad_request', page.message)
  sendJson(response, 200, id, page.page)
}

/** Serves one model by any of its names; an alias returns the model it resolves to today. */
export function serveModel(context: Context, name: string, { id, request, response }: ClientExchange): void {
  const key = authenticateReader(context, request)
  const protocol = readProtocol(request)
  const found = context.resolveModel(name)
  if (!found.ok) throw new ApiError('unknown_model', unknownModel(name, found))
  if (!mayUseModel(key, found.model)) throw new ApiError('unknown_model', `model: ${name.slice(0, 256)}`)
  const described =
    protocol === 'openai' ? describeForChat(found.model) : describe(found.model, getDay(context.nowMs()))
  sendJson(response, 200, id, described)
}

/** OpenAI's SDKs use the same paths; they are recognized by the missing `anthropic-version`. */
export function isForOpenAi({ headers }: ClientRequest): boolean {
  return headers['anthropic-version'] === undefined
}

function readProtocol(request: ClientRequest): 'messages' | 'openai' {
  if (isForOpenAi(request)) return 'openai'
  readVersion(request.headers)
  return 'messages'
}

function describe(model: Model, day: string): ModelObject | ModelInfo {
  const described = describeModel(model, { asOf: day })
  if (!isForeign(model) || !('capabilities' in described)) return described
  // Only what the configuration states is known of it; a limit of 0 is none.
  const { max_input_tokens: window } = described
  return { ...described, line: null, capabilities: null, max_input_tokens: window === 0 ? null : window }
}

function describeForChat(model: Model): ChatModel {
  return chatModel(model.id, getCreatedAt(model))
}
