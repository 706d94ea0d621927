import { getEffectiveDay, optionsOn, readFacts } from '@anthology/catalog'
import type { Model, Platform, RequestFacts } from '@anthology/catalog'
import {
  converseToMessages,
  formatProblem,
  isRecord,
  parseChatRequest,
  parseJson,
  translateChatRequest,
} from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { today } from './effective-day.ts'
import { listNameBetas } from './name-betas.ts'

/** The API whose request a body is: the Messages API, Converse of Bedrock, or OpenAI's chat completions. */
export type BodyProtocol = 'messages' | 'converse' | 'openai'

export const bodyProtocols: readonly BodyProtocol[] = ['messages', 'converse', 'openai']

/** The only platform that serves the protocol; null: all serve it. */
export const platformsByProtocol: Readonly<Record<BodyProtocol, Platform | null>> = {
  messages: null,
  converse: 'bedrock',
  openai: 'anthropic',
}

/** A body in the form of the Messages API, or the error of its own API. */
export type MessagesBody =
  | {
      readonly ok: true
      readonly body: JsonObject
      /** Betas that the body contains, where its API has them in the body. */
      readonly betas: readonly string[]
      /** Members without effect. */
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly message: string; readonly path: string | null }

/**
 * Recognizes the API by members that only its requests have. A body without any, or with members of the
 * Messages API beside others, is one of the Messages API, whose check names what is wrong.
 */
export function detectProtocol(body: JsonObject): BodyProtocol {
  if (converseMembers.some((name) => name in body)) return 'converse'
  const messages = listRecords(body['messages'])
  const parts = [body['system'], ...messages.map(({ content }) => content)].flatMap(listRecords)
  const isUntyped = parts.length > 0 && parts.every((part) => !('type' in part))
  if (isUntyped && !('max_tokens' in body)) return 'converse'
  if (messagesMembers.some((name) => name in body)) return 'messages'
  const isChat =
    chatMembers.some((name) => name in body) ||
    messages.some(({ role, ...turn }, at) => isChatRole(role, at) || 'tool_calls' in turn) ||
    listRecords(body['tools']).some((tool) => tool['type'] === 'function' || 'function' in tool) ||
    parts.some(({ type }) => type === 'image_url' || type === 'input_audio')
  return isChat ? 'openai' : 'messages'
}

/** `modelId` is an argument of AWS's SDKs beside the body. */
const converseMembers = [
  'modelId',
  'inferenceConfig',
  'toolConfig',
  'additionalModelRequestFields',
  'outputConfig',
]

const messagesMembers = [
  'system',
  'stop_sequences',
  'top_k',
  'anthropic_version',
  'anthropic_beta',
  'output_config',
  'output_format',
  'context_management',
  'mcp_servers',
  'container',
]

const chatMembers = [
  'max_completion_tokens',
  'stop',
  'n',
  'functions',
  'function_call',
  'parallel_tool_calls',
  'stream_options',
  'response_format',
  'reasoning_effort',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'logit_bias',
  'seed',
  'store',
]

/** The Messages API has system messages too, but never the first one. */
function isChatRole(role: unknown, at: number): boolean {
  return role === 'tool' || role === 'developer' || role === 'function' || (role === 'system' && at === 0)
}

/** Translates a body as the gateway and the emulator do. Without a limit it has the model's maximum output. */
export function toMessagesBody(
  body: JsonObject,
  protocol: BodyProtocol,
  { model, asOf = today() }: { readonly model: Model; readonly asOf: string | undefined },
): MessagesBody {
  if (protocol === 'messages') return { ok: true, body, betas: [], notices: [] }
  const target = optionsOn(model, getEffectiveDay(model, 'ignore', asOf))
  return protocol === 'converse'
    ? translateConverse(body, model, target.maxTokens)
    : translateChat({ ...body, model: model.id }, target)
}

/**
 * The facts of a body of any API, for a price, with the betas that the model's name adds; a text is the reason why it
 * has none.
 */
export function readRequestFacts(
  body: JsonObject,
  { name, ...target }: { readonly name: string; readonly model: Model; readonly asOf: string | undefined },
): RequestFacts | string {
  const read = toMessagesBody(body, detectProtocol(body), target)
  if (!read.ok) return `the request cannot be read: ${read.message}`
  const facts = readFacts(read.body, { 'anthropic-beta': read.betas })
  const implied = listNameBetas(name, target.asOf ?? today(), 'ignore')
  return { ...facts, betas: [...new Set([...(facts.betas ?? []), ...implied])] }
}

function translateConverse(body: JsonObject, model: Model, defaultMaxTokens: number): MessagesBody {
  const { modelId: _modelId, model: _model, ...request } = body
  const translated = converseToMessages(request, { model: model.id, defaultMaxTokens })
  if (!translated.ok) return { ok: false, message: translated.problem.message, path: null }
  const { body: written, betas, notices } = translated
  return { ok: true, body: written, betas, notices }
}

function translateChat(body: JsonObject, target: ReturnType<typeof optionsOn>): MessagesBody {
  const parsed = parseChatRequest(new TextEncoder().encode(JSON.stringify(body)))
  const translated = parsed.ok ? translateChatRequest(parsed, target) : parsed
  if (!translated.ok) {
    const { problem } = translated
    return { ok: false, message: formatProblem(problem), path: problem.path === '' ? null : problem.path }
  }
  const written = parseJson(translated.body)
  return { ok: true, body: isRecord(written) ? written : {}, betas: [], notices: translated.notices }
}

/** The place in the client's own body of a member of the Messages API; the same path where both have it. */
export function toOwnPath(path: string, protocol: BodyProtocol, body: JsonObject): string {
  const [head = '', ...rest] = path.split('.')
  if (protocol === 'messages' || sharedMembers.has(head)) return path
  const own = (protocol === 'converse' ? conversePaths : chatPaths)[head]
  if (protocol === 'openai') {
    if (head === 'max_tokens' && !('max_tokens' in body)) return 'max_completion_tokens'
    return [own ?? head, ...rest].join('.')
  }
  if (path === 'output_config.effort' && isRecord(body['outputConfig'])) return 'outputConfig.effort'
  return [own ?? `additionalModelRequestFields.${head}`, ...rest].join('.')
}

const sharedMembers: ReadonlySet<string> = new Set(['model', 'messages', 'body'])

const conversePaths: Readonly<Record<string, string>> = {
  system: 'system',
  max_tokens: 'inferenceConfig.maxTokens',
  temperature: 'inferenceConfig.temperature',
  top_p: 'inferenceConfig.topP',
  stop_sequences: 'inferenceConfig.stopSequences',
  tools: 'toolConfig.tools',
  tool_choice: 'toolConfig.toolChoice',
  cache_control: 'cachePoint',
  'anthropic-beta': 'additionalModelRequestFields.anthropic_beta',
}

const chatPaths: Readonly<Record<string, string>> = { stop_sequences: 'stop', system: 'messages' }

function listRecords(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
