import { getEffectiveDay, limitOn } from '@anthology/catalog'
import {
  toChatCompletion,
  createChatStream,
  formatProblem,
  parseChatRequest,
  translateChatRequest,
} from '@anthology/wire'
import type { ChatRequest, Message } from '@anthology/wire'

import { parseBody } from '../../http/body.ts'
import { findModel } from '../../api/served-models.ts'
import type { ServedModels } from '../../api/served-models.ts'
import { createMessage } from '../../message/create-message.ts'
import { errorReply } from '../../http/reply.ts'
import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../settings.ts'
import { chatJsonReply, chatStreamReply, translateErrorReply } from './chat-reply.ts'

/** Translates a chat request to a Messages API call, runs it, and translates the response. */
export function completeChat(call: Call, settings: Settings): Reply {
  const reject = (status: number, message: string): Reply =>
    translateErrorReply(errorReply({ status, message }, call.head))
  const body = parseBody(call.request.body, call.request.headers['content-type'])
  if (!body.ok) return reject(body.error.status, body.error.message)
  const parsed = parseChatRequest(body.value)
  if (!parsed.ok) return reject(400, formatProblem(parsed.problem))
  const { request } = parsed
  const translated = translateChatRequest(request, defaultMaxTokens(request.model, settings.servedModels))
  if (!translated.ok) return reject(400, formatProblem(translated.problem))

  const created = Math.floor(settings.now() / 1_000)
  const reply = withNotice(createMessage(asMessagesCall(call, translated.body), settings), translated.ignored)
  if (reply.status !== 200) return translateErrorReply(reply)
  if (request.stream === true)
    return chatStreamReply(reply, createChatStream({ created, ...readStreamOptions(request) }))
  const { bytes, tokens } = readBody(reply)
  // The emulator itself encoded this message.
  const message = JSON.parse(utf8.decode(bytes)) as Message
  return chatJsonReply(reply, toChatCompletion(message, created), tokens)
}

function asMessagesCall(call: Call, body: unknown): Call {
  const headers = { ...call.request.headers, 'content-type': 'application/json' }
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  return { ...call, request: { ...call.request, path: '/v1/messages', headers, body: bytes } }
}

/** The maximum output of the model; the API's default is not published. */
function defaultMaxTokens(name: string, servedModels: ServedModels): number {
  const model = findModel(name, servedModels)
  return model
    ? limitOn(model.maxOutput, getEffectiveDay(model, servedModels.lifecycle, servedModels.asOf())).tokens
    : 4_096
}

function readStreamOptions({ stream_options: options }: ChatRequest): { readonly includeUsage: boolean } {
  return { includeUsage: options?.include_usage === true }
}

/** The API ignores unsupported members silently; the emulator lists them in the notice header. */
function withNotice(reply: Reply, ignored: readonly string[]): Reply {
  if (ignored.length === 0) return reply
  const names = ignored.join(', ').replaceAll(/[^\x20-\x7e]/g, '?')
  const notice = `without effect on this endpoint: ${names}`
  const before = reply.headers['x-anthology-notice']
  const headers = { ...reply.headers, 'x-anthology-notice': before ? `${before}; ${notice}` : notice }
  return { ...reply, headers }
}

const utf8 = new TextDecoder()
