import { printJsonTexts } from '../body/json-text.ts'
import type { Problem } from '../messages/shape.ts'
import { lacksThinking, translateReasoning, translateSampling } from './chat-options.ts'
import type { ChatTarget } from './chat-options.ts'
import type { ChatRequest } from './chat-request.ts'
import { translateTools } from './chat-tools.ts'
import { printTurn, translateSystem, translateTurns } from './chat-turns.ts'
import type { ExactTexts } from './exact-texts.ts'
import { beginTranslation, fail, given, ignore, isGiven, listNotices, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

export type TranslatedChat =
  | {
      readonly ok: true
      /** The JSON of a body for the Messages API, not yet validated. */
      readonly body: string
      /** The members that were left out or changed, for the notice header. */
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Translates a chat request to a Messages request (docs.claude.com, api/openai-sdk, Nov 2025), or returns the
 * first problem. `field-table.ts` lists the effect of each member.
 */
export function translateChatRequest(
  { request, texts }: { readonly request: ChatRequest; readonly texts: ExactTexts },
  target: ChatTarget,
): TranslatedChat {
  const translation = beginTranslation(texts)
  if (isGiven(request.n) && request.n !== 1)
    fail(translation, 'n', 'Input should be 1: one answer is made per request')
  listIgnoredMembers(translation, request)
  const system = translateSystem(translation, request)
  const turns = translateTurns(translation, request.messages)
  const { thinking, ...output } = translateReasoning(translation, request, target)
  const body = {
    model: request.model,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? target.maxTokens,
    messages: turns.map(printTurn),
    ...given('system', system),
    ...translateTools(translation, request),
    ...translateStop(translation, request.stop),
    ...translateSampling(translation, request, target),
    ...given('thinking', lacksThinking(request.thinking, turns) ? leaveOutThinking(translation) : thinking),
    ...output,
    ...given('cache_control', request.cache_control),
    ...(request.stream === true && { stream: true }),
  }
  return translation.problem
    ? { ok: false, problem: translation.problem }
    : { ok: true, body: printJsonTexts(body), notices: listNotices(translation) }
}

function leaveOutThinking(translation: Translation): null {
  notice(
    translation,
    'thinking is off until the next question: the conversation lacks the thinking before its calls',
  )
  return null
}

function translateStop(translation: Translation, stop: ChatRequest['stop']): JsonBody {
  const stops = [stop ?? []].flat()
  const kept = stops.filter((sequence) => sequence.trim() !== '')
  if (kept.length < stops.length) ignore(translation, 'stop sequences of whitespace')
  return kept.length > 0 ? { stop_sequences: kept } : {}
}

function listIgnoredMembers(translation: Translation, request: ChatRequest): void {
  for (const [name, value] of Object.entries<unknown>({ ...request }))
    if (isGiven(value) && !readMembers.has(name)) ignore(translation, name)
}

const readMembers: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'max_completion_tokens',
  'stream',
  'stream_options',
  'stop',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'thinking',
  'output_config',
  'cache_control',
])
