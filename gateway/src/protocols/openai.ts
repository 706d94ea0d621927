import { getEffectiveDay, optionsOn } from '@anthology/catalog'
import type { Resolution } from '@anthology/catalog'
import {
  chatError,
  nameChatHeader,
  createChatStream,
  encodeChatEvent,
  formatProblem,
  indexBody,
  parseChatRequest,
  readBetas,
  translateChatError,
  translateChatRequest,
  translateMessage,
  unknownTarget,
} from '@anthology/wire'
import type { ChatRequest, ChatTarget } from '@anthology/wire'

import { getDay } from '../clock.ts'
import { readMembers } from '../calls/call.ts'
import { ApiError } from '../errors.ts'
import { pickRequestHeaders } from '../http/headers.ts'
import { toMessagesErrorResponse } from '../http/respond.ts'
import { checkAnswerBounds } from './answer-bounds.ts'
import { encodeComment } from './protocol.ts'
import type {
  ResponseTranslator,
  Protocol,
  ProtocolRequest,
  InboundRequest,
  ApiErrorParts,
} from './protocol.ts'
import { listEventData, readErrorEvent } from './stream-events.ts'
import { pauseBetweenSteps } from '../slices.ts'
import type { BufferedResponse } from '../http/client-exchange.ts'

/**
 * `/v1/chat/completions`, as Anthropic's API offers it to OpenAI clients
 * (docs.claude.com, api/openai-sdk, Nov 2025), with the additions of docs/openai.md.
 * The body is translated, so the upstream receives an equivalent Messages API
 * request, not the client's bytes.
 */
export const openaiProtocol: Protocol = {
  name: 'openai',
  platform: 'anthropic',
  contentType: 'application/json',
  path: { billable: true, model: null },
  forwardsRateLimits: true,
  read: readChat,
  toErrorResponse: toOpenAiErrorResponse,
}

/** The Messages API version that requests are translated to. */
const apiVersion = '2023-06-01'

async function readChat({
  request,
  body,
  startedAtMs,
  resolveModel,
}: ProtocolRequest): Promise<InboundRequest> {
  const parsed = parseChatRequest(body)
  if (!parsed.ok) throw new ApiError('bad_request', formatProblem(parsed.problem))
  const chat = parsed.request
  await pauseBetweenSteps(body)
  const translated = translateChatRequest(parsed, findTarget(resolveModel(chat.model), startedAtMs))
  if (!translated.ok) throw new ApiError('bad_request', formatProblem(translated.problem))
  const bytes = utf8.encode(translated.body)
  await pauseBetweenSteps(bytes)
  const index = indexBody(bytes, readMembers)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const headers = pickRequestHeaders(request.headers)
  return {
    billable: true,
    requestedModel: chat.model,
    stream: chat.stream === true,
    path: '/v1/messages',
    body: bytes,
    index,
    patches: [],
    headers: { ...headers, 'anthropic-version': apiVersion, accept: 'application/json' },
    betas: readBetas(headers['anthropic-beta']),
    notices: translated.notices,
    translator: createTranslator(chat, Math.floor(startedAtMs / 1_000)),
  }
}

function findTarget(found: Resolution, nowMs: number): ChatTarget {
  if (!found.ok) return unknownTarget
  const day = getEffectiveDay(found.model, 'ignore', getDay(nowMs))
  return optionsOn(found.model, day)
}

function createTranslator(request: ChatRequest, createdS: number): ResponseTranslator {
  const includeUsage = request.stream_options?.include_usage === true
  const translate = createChatStream({ created: createdS, includeUsage })

  return {
    translateBody: (answer) => translateWhole(answer, createdS),
    translateHead: chatHeaders,
    ping: commentLine,
    comment: encodeComment,
    translateEvent({ kind, bytes }) {
      checkAnswerBounds(bytes)
      const events = kind === 'error' ? [JSON.stringify(readErrorEvent(bytes))] : listEventData(bytes)
      return utf8.encode(events.map((data) => encodeChatEvent(data, translate)).join(''))
    },
  }
}

function translateWhole({ status, headers, body }: BufferedResponse, createdS: number): BufferedResponse {
  if (status !== 200) return json(status, headers, translateChatError(status, body))
  checkAnswerBounds(body)
  // Translating anything but a message throws, and the call fails as `answer_unreadable`.
  return json(status, headers, translateMessage(body, createdS))
}

function toOpenAiErrorResponse(apiError: ApiErrorParts): BufferedResponse {
  const { status, headers } = toMessagesErrorResponse(apiError)
  // The code that OpenAI's clients know for an exhausted budget; they do not retry it.
  const type = apiError.code === 'budget_exceeded' ? 'insufficient_quota' : apiError.kind.type
  return json(status, headers, chatError(type, apiError.message))
}

function json(status: number, headers: Readonly<Record<string, string>>, value: unknown): BufferedResponse {
  // The upstream's own type may be that of a proxy's page.
  const named = { ...chatHeaders(headers), 'content-type': 'application/json' }
  return { status, headers: named, body: utf8.encode(JSON.stringify(value)) }
}

/** Renames the rate limit headers, and adds the request id under OpenAI's name. */
function chatHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named: Record<string, string> = { 'openai-version': '2020-10-01' }
  for (const [name, value] of Object.entries(headers)) named[nameChatHeader(name)] = value
  if (headers['request-id'] !== undefined) named['x-request-id'] = headers['request-id']
  return named
}

const utf8 = new TextEncoder()

/** OpenAI's stream has no ping. */
const commentLine = encodeComment('ping')
