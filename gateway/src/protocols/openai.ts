import { getEffectiveDay, limitOn } from '@anthology/catalog'
import type { Resolution } from '@anthology/catalog'
import {
  toChatCompletion,
  chatError,
  nameChatHeader,
  createChatStream,
  decodeSse,
  encodeChatEvent,
  getErrorType,
  formatProblem,
  indexBody,
  parseChatRequest,
  parseError,
  parseExactJson,
  readBetas,
  translateChatRequest,
} from '@anthology/wire'
import type { ChatRequest, Message, StreamEvent } from '@anthology/wire'

import { readMembers } from '../calls/call.ts'
import { ApiError } from '../errors.ts'
import { pickRequestHeaders } from '../http/headers.ts'
import { toMessagesErrorResponse } from '../http/respond.ts'
import type {
  ResponseTranslator,
  Protocol,
  ProtocolRequest,
  InboundRequest,
  ApiErrorParts,
} from './protocol.ts'
import type { BufferedResponse } from '../http/client-exchange.ts'

/**
 * `/v1/chat/completions`, as Anthropic's API offers it to OpenAI clients
 * (docs.claude.com, api/openai-sdk, Nov 2025). The body is translated, so the
 * upstream receives an equivalent Messages API request, not the client's bytes.
 */
export const openaiProtocol: Protocol = {
  name: 'openai',
  platform: 'anthropic',
  contentType: 'application/json',
  path: { billable: true, model: null },
  read: readChat,
  toErrorResponse: toOpenAiErrorResponse,
}

/** The Messages API version that requests are translated to. */
const apiVersion = '2023-06-01'

function readChat({ request, body, startedAtMs, resolveModel }: ProtocolRequest): InboundRequest {
  const parsed = parseChatRequest(parseBody(body))
  if (!parsed.ok) throw new ApiError('bad_request', formatProblem(parsed.problem))
  const chat = parsed.request
  const translated = translateChatRequest(chat, defaultMaxTokens(resolveModel(chat.model), startedAtMs))
  if (!translated.ok) throw new ApiError('bad_request', formatProblem(translated.problem))
  const bytes = utf8.encode(JSON.stringify(translated.body))
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
    notices: describeIgnored(translated.ignored),
    translator: createTranslator(chat, Math.floor(startedAtMs / 1_000)),
  }
}

function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(body))
  } catch {
    throw new ApiError('bad_request', 'The request body is not valid JSON')
  }
}

/** The model's output limit, used if the request sets none; Anthropic's own default is not published. */
function defaultMaxTokens(found: Resolution, nowMs: number): number {
  if (!found.ok) return 4_096
  const day = getEffectiveDay(found.model, 'ignore', new Date(nowMs).toISOString().slice(0, 10))
  return limitOn(found.model.maxOutput, day).tokens
}

/** Anthropic's API silently ignores these fields; we list them in the notice header. */
function describeIgnored(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`without effect on this endpoint: ${names.join(', ')}`]
}

function createTranslator(request: ChatRequest, createdS: number): ResponseTranslator {
  const includeUsage = request.stream_options?.include_usage === true
  const translate = createChatStream({ created: createdS, includeUsage })

  return {
    translateBody: (answer) => translateWhole(answer, createdS),
    translateHead: chatHeaders,
    translateEvent({ bytes }) {
      // Unknown events have a type that the translation ignores.
      const events = decodeSse(bytes).map(({ data }) => JSON.parse(data) as StreamEvent)
      return utf8.encode(events.map((event) => encodeChatEvent(event, translate)).join(''))
    },
  }
}

function translateWhole({ status, headers, body }: BufferedResponse, createdS: number): BufferedResponse {
  if (status !== 200) {
    const { type, message } = parseError(body)
    return json(status, headers, chatError(type ?? getErrorType(status), message))
  }
  // Not validated: translating anything else throws, and the call fails as `answer_unreadable`.
  const message = parseExactJson(strictUtf8.decode(body)) as Message
  return json(status, headers, toChatCompletion(message, createdS))
}

function toOpenAiErrorResponse(apiError: ApiErrorParts): BufferedResponse {
  const { status, headers } = toMessagesErrorResponse(apiError)
  return json(status, headers, chatError(apiError.kind.type, apiError.message))
}

function json(status: number, headers: Readonly<Record<string, string>>, value: unknown): BufferedResponse {
  return { status, headers: chatHeaders(headers), body: utf8.encode(JSON.stringify(value)) }
}

/** Renames the rate limit headers, and adds the request id under OpenAI's name. */
function chatHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named: Record<string, string> = { 'openai-version': '2020-10-01' }
  for (const [name, value] of Object.entries(headers)) named[nameChatHeader(name)] = value
  if (headers['request-id'] !== undefined) named['x-request-id'] = headers['request-id']
  return named
}

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
