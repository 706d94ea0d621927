import { factsDay, limitOn } from '@anthology/catalog'
import {
  chatCompletionOf,
  createChatStream,
  formatProblem,
  parseChatRequest,
  translateChatRequest,
} from '@anthology/wire'
import type { ChatRequest, Message } from '@anthology/wire'

import { parseBody } from '../../http/body.ts'
import { findModel } from '../../api/served-models.ts'
import type { Family } from '../../api/served-models.ts'
import { createMessage } from '../../message/create-message.ts'
import { refusalReply } from '../../http/reply.ts'
import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call, Settings } from '../../api/route.ts'
import { chatJsonReply, chatStreamReply, translateErrorReply } from './chat-reply.ts'

/** Translates a chat request, has it answered as a call of the Messages API, and translates the answer. */
export function completeChat(call: Call, settings: Settings): Reply {
  const refuse = (status: number, message: string): Reply =>
    translateErrorReply(refusalReply({ status, message }, call.head))
  const body = parseBody(call.request.body, call.request.headers['content-type'])
  if (!body.ok) return refuse(body.refusal.status, body.refusal.message)
  const parsed = parseChatRequest(body.value)
  if (!parsed.ok) return refuse(400, formatProblem(parsed.problem))
  const { request } = parsed
  const translated = translateChatRequest(request, defaultMaxTokens(request.model, settings.family))
  if (!translated.ok) return refuse(400, formatProblem(translated.problem))

  const created = Math.floor(settings.now() / 1_000)
  const reply = withNotice(createMessage(asMessagesCall(call, translated.body), settings), translated.ignored)
  if (reply.status !== 200) return translateErrorReply(reply)
  if (request.stream === true)
    return chatStreamReply(reply, createChatStream({ created, ...wishes(request) }))
  const { bytes, tokens } = readBody(reply)
  // The emulator's own message, as it wrote it a moment ago.
  const message = JSON.parse(utf8.decode(bytes)) as Message
  return chatJsonReply(reply, chatCompletionOf(message, created), tokens)
}

function asMessagesCall(call: Call, body: unknown): Call {
  const headers = { ...call.request.headers, 'content-type': 'application/json' }
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  return { ...call, request: { ...call.request, path: '/v1/messages', headers, body: bytes } }
}

/** All that the model can say; what the service puts here is not published. */
function defaultMaxTokens(name: string, family: Family): number {
  const model = findModel(name, family)
  return model ? limitOn(model.maxOutput, factsDay(model, family.lifecycle, family.asOf())).tokens : 4_096
}

function wishes({ stream_options: options }: ChatRequest): { readonly includeUsage: boolean } {
  return { includeUsage: options?.include_usage === true }
}

/** The service drops what it does not support without a word; here a header says what it was. */
function withNotice(reply: Reply, ignored: readonly string[]): Reply {
  if (ignored.length === 0) return reply
  const names = ignored.join(', ').replaceAll(/[^\x20-\x7e]/g, '?')
  const notice = `without effect on this endpoint: ${names}`
  const before = reply.headers['x-anthology-notice']
  const headers = { ...reply.headers, 'x-anthology-notice': before ? `${before}; ${notice}` : notice }
  return { ...reply, headers }
}

const utf8 = new TextDecoder()
