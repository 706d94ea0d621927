import { getEffectiveDay, optionsOn } from '@anthology/catalog'
import {
  createChatStream,
  formatProblem,
  parseChatRequest,
  translateChatRequest,
  translateMessage,
  unknownTarget,
} from '@anthology/wire'
import type { ChatRequest, ChatTarget } from '@anthology/wire'

import { describeInvalidJson, findBodyError, findEscapeProblem } from '../../http/body.ts'
import { findModel } from '../../api/served-models.ts'
import type { ServedModels } from '../../api/served-models.ts'
import { createMessage } from '../../message/create-message.ts'
import { errorReply } from '../../http/reply.ts'
import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { chatJsonReply, chatStreamReply, translateErrorReply } from './chat-reply.ts'

/** Translates a chat request to a Messages API call, runs it, and translates the response. */
export function* completeChat(call: Call, settings: Settings): Steps<Reply> {
  const reject = (status: number, message: string): Reply =>
    translateErrorReply(errorReply({ status, message }, call.head))
  const { body, headers } = call.request
  const error = findBodyError(body, headers['content-type'])
  if (error !== null) return reject(error.status, error.message)
  const parsed = parseChatRequest(body ?? noBytes)
  if (!parsed.ok) return reject(400, formatProblem(parsed.problem))
  yield
  const escapeProblem = findEscapeProblem(body)
  if (escapeProblem !== null) return reject(400, describeInvalidJson(escapeProblem))
  yield
  const { request } = parsed
  const translated = translateChatRequest(parsed, findTarget(request.model, settings.servedModels))
  if (!translated.ok) return reject(400, formatProblem(translated.problem))

  const created = Math.floor(settings.now() / 1_000)
  yield
  const answer = yield* createMessage(asMessagesCall(call, translated.body), settings)
  const reply = withNotices(answer, translated.notices)
  if (reply.status !== 200) return translateErrorReply(reply)
  if (request.stream === true)
    return chatStreamReply(reply, createChatStream({ created, ...readStreamOptions(request) }))
  const { bytes, tokens } = readBody(reply)
  return chatJsonReply(reply, translateMessage(bytes, created), tokens)
}

function asMessagesCall(call: Call, body: string): Call {
  const headers = { ...call.request.headers, 'content-type': 'application/json' }
  const bytes = new TextEncoder().encode(body)
  return { ...call, request: { ...call.request, path: '/v1/messages', headers, body: bytes } }
}

function findTarget(name: string, servedModels: ServedModels): ChatTarget {
  const model = findModel(name, servedModels)
  if (!model) return unknownTarget
  return optionsOn(model, getEffectiveDay(model, servedModels.lifecycle, servedModels.asOf()))
}

function readStreamOptions({ stream_options: options }: ChatRequest): { readonly includeUsage: boolean } {
  return { includeUsage: options?.include_usage === true }
}

/** The API ignores unsupported members silently; the emulator lists them in the notice header. */
function withNotices(reply: Reply, notices: readonly string[]): Reply {
  if (notices.length === 0) return reply
  const notice = notices.join('; ').replaceAll(/[^\x20-\x7e]/g, '?')
  const before = reply.headers['x-anthology-notice']
  const headers = { ...reply.headers, 'x-anthology-notice': before ? `${before}; ${notice}` : notice }
  return { ...reply, headers }
}

const noBytes = new Uint8Array(0)
