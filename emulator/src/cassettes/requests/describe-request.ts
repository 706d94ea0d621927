import { resolve } from '@anthology/catalog'
import {
  encodeHex,
  findExceededBound,
  isRecord,
  parseJson,
  parsedBodyBounds,
  readBetas,
  readText,
} from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'
import { sha256 } from '@noble/hashes/sha2.js'

import { isReminder } from '../../message/last-user.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { RecordedRequest, RecordedToolResult } from '../cassette.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { redacted } from '../../redaction/secrets.ts'
import { readConverseConversation } from './converse-conversation.ts'
import type { Conversation, ConversationTurn, ToolResult } from './conversation.ts'
import { findEndpoint, hideParameters } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { readMessagesConversation } from './messages-conversation.ts'
import { readOpenAiConversation } from './openai-conversation.ts'

/** A request as it is recorded and compared, and the beginning of its conversation. */
export interface DescribedRequest {
  readonly request: RecordedRequest
  /** The text of the first user turn; of a request without a conversation its method and path. */
  readonly conversation: string
}

/** Reduces a request to the facts that are recorded and compared, with all secrets redacted. */
export function describeRequest(request: EmulatorRequest, redactor: Redactor): DescribedRequest {
  const endpoint = findEndpoint(request)
  const text = request.body === null ? '' : utf8.decode(request.body)
  const body = parseBody(request.body, text)
  const path = redactor.redact(hideParameters(request.path, redacted))
  const head = {
    protocol: endpoint.protocol,
    endpoint: endpoint.name,
    method: request.method,
    path,
    stream: endpoint.stream ?? (isRecord(body) && body['stream'] === true),
  }
  const conversation = isRecord(body) ? readConversation(endpoint, body) : null
  if (!isRecord(body) || conversation === null) {
    const hash = isRecord(body) ? hashJson(body, redactor) : text === '' ? null : hashText(text)
    // The boundary of a multipart body is random.
    const isMultipart = request.headers['content-type']?.startsWith('multipart/') ?? false
    const hashed = hash === null || isMultipart ? {} : { body_hash: hash }
    return { request: { ...head, ...hashed }, conversation: `${request.method} ${path}` }
  }
  const betas = readBetas(request.headers['anthropic-beta']).toSorted()
  const described: RecordedRequest = {
    ...head,
    ...describeModel(endpoint.model ?? readText(body, 'model'), redactor),
    ...describeConversation(conversation, redactor),
    ...(betas.length > 0 && { betas }),
  }
  return { request: described, conversation: redactor.redact(readOpening(conversation)) }
}

/** The text of the first user turn that has one. */
function readOpening({ turns }: Conversation): string {
  const first = turns.find(({ role, texts }) => role === 'user' && readWords(texts) !== '')
  return readWords(first?.texts ?? [])
}

/** A body that is nested too deeply to be walked counts as one that is no JSON. */
function parseBody(bytes: Uint8Array | null, text: string): unknown {
  return bytes !== null && findExceededBound(bytes, parsedBodyBounds) ? undefined : parseJson(text)
}

function readConversation({ form }: Endpoint, body: JsonObject): Conversation | null {
  switch (form) {
    case 'messages':
      return readMessagesConversation(body)
    case 'converse':
      return readConverseConversation(body)
    case 'openai':
      return readOpenAiConversation(body)
    case null:
      return null
  }
}

function describeModel(name: string | null, redactor: Redactor): { readonly model?: string } {
  if (name === null) return {}
  const found = resolve(name)
  return { model: found.ok ? found.model.id : redactor.redact(name) }
}

function describeConversation(
  { turns: all, system, tools, toolDefinitions, output }: Conversation,
  redactor: Redactor,
): Partial<RecordedRequest> {
  const turns = all.slice(0, all.findLastIndex(({ role }) => role === 'user') + 1)
  const lastTurn = turns.slice(turns.findLastIndex(({ role }) => role === 'assistant') + 1)
  const clean = (text: string): string => cutText(redactor.redact(text))
  const results = readResults(turns, lastTurn).map(({ tool, text, media: own }) => ({
    tool,
    text:
      own.length === 0 ? clean(text) : `${clean(text)} [other content, ${hashJson(own, redactor)}]`.trim(),
  }))
  const media = lastTurn.flatMap((turn) => turn.media)
  const prefill = readWords(all.slice(turns.length).flatMap(({ texts }) => texts))
  return {
    turn: countAssistantTurns(turns),
    last_user: clean(readLastWords(turns)),
    ...(results.length > 0 && { tool_results: results }),
    ...(media.length > 0 && { media_hash: hashJson(media, redactor) }),
    ...(prefill !== '' && { prefill: clean(prefill) }),
    ...(tools.length > 0 && { tools: tools.map((name) => redactor.redact(name)).toSorted() }),
    ...(system !== null && { system_hash: hashJson(system, redactor) }),
    ...(toolDefinitions !== null && { tools_hash: hashJson(toolDefinitions, redactor) }),
    ...(output !== null && { output_hash: hashJson(output, redactor) }),
  }
}

/** The texts of the last user turn that has any; consecutive user messages are one turn. */
function readLastWords(turns: readonly ConversationTurn[]): string {
  const last = turns.findLastIndex(({ role, texts }) => role === 'user' && readWords(texts) !== '')
  const asked = turns.slice(0, last + 1)
  const before = asked.findLastIndex(({ role }) => role === 'assistant')
  return readWords(asked.slice(before + 1).flatMap(({ texts }) => texts))
}

function readWords(texts: readonly string[]): string {
  return texts
    .filter((text) => !isReminder(text))
    .map((text) => text.replaceAll('\r\n', '\n').trim())
    .filter((text) => text !== '')
    .join('\n')
}

/** Sorted, because clients send the results of parallel calls in any order. */
function readResults(
  turns: readonly ConversationTurn[],
  lastTurn: readonly ConversationTurn[],
): readonly (RecordedToolResult & Pick<ToolResult, 'media'>)[] {
  const names = new Map(turns.flatMap(({ calls }) => calls.map(({ id, name }) => [id, name] as const)))
  return lastTurn
    .flatMap(({ results }) => results)
    .map(({ id, text, media }) => ({ tool: names.get(id) ?? '', text, media }))
    .toSorted((one, other) => compareTexts(one.tool, other.tool) || compareTexts(one.text, other.text))
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function countAssistantTurns(turns: readonly ConversationTurn[]): number {
  return turns.filter(({ role }, index) => role === 'assistant' && turns[index - 1]?.role !== 'assistant')
    .length
}

/** A long text is recorded by its beginning and a hash, so that a cassette stays readable. */
function cutText(text: string): string {
  if (text.length <= maxTextLength) return text
  return `${text.slice(0, maxTextLength)}… [${text.length} characters, ${hashText(text)}]`
}

const maxTextLength = 4_000

/** Hashes a JSON value, whatever the order of its members. Marks of the prompt cache do not count. */
function hashJson(value: unknown, redactor: Redactor): string {
  return hashText(redactor.redact(JSON.stringify(sortMembers(value))))
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isRecord(value)) return value
  const members = Object.entries(value)
    .filter(([name]) => name !== 'cache_control' && name !== 'cachePoint')
    .toSorted(([one], [other]) => compareTexts(one, other))
  return Object.fromEntries(members.map(([name, member]) => [name, sortMembers(member)]))
}

function hashText(text: string): string {
  return `sha256:${encodeHex(sha256(new TextEncoder().encode(text))).slice(0, 16)}`
}

const utf8 = new TextDecoder()
