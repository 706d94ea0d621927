import { isRecord, readText } from '../body/json-value.ts'
import { translateFormat } from './chat-format.ts'
import type { ChatRequest } from './chat-request.ts'
import { getExact } from './exact-texts.ts'
import { given, ignore, isGiven, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

/** The facts of a model on a day that a translation depends on. */
export interface ChatTarget {
  /** The model's output limit, used if the request sets none: only this API allows that. */
  readonly maxTokens: number
  /** The levels of `output_config.effort`; empty if the model has none. */
  readonly efforts: readonly string[]
  /** Whether the model takes `output_config.format`. */
  readonly jsonSchema: boolean
  readonly sampling: 'all' | 'temperature_xor_top_p' | 'default_only'
  /** The value of `thinking.type` that switches thinking off; `default` if it is off by itself, null if it never is. */
  readonly thinkingOff: 'default' | 'disabled' | 'between_tools' | null
}

/** The target for a name that no catalog knows; the call fails later for that reason. */
export const unknownTarget: ChatTarget = {
  maxTokens: 4_096,
  efforts: [],
  jsonSchema: false,
  sampling: 'all',
  thinkingOff: 'default',
}

/** If the model accepts only the default values, any other value is left out with a notice. */
export function translateSampling(
  translation: Translation,
  { temperature, top_p: topP, top_k: topK, thinking }: ChatRequest,
  { sampling }: ChatTarget,
): JsonBody {
  const isFixed =
    sampling === 'default_only' || thinking?.['type'] === 'enabled' || thinking?.['type'] === 'adaptive'
  const isEither = sampling === 'temperature_xor_top_p' && isGiven(temperature)
  const take = (name: string, value: number | null | undefined, isTaken: boolean): JsonBody => {
    if (isTaken) return given(name, value)
    if (isGiven(value) && value !== neutral) ignore(translation, name)
    return {}
  }
  if (isGiven(temperature) && temperature > 1 && !isFixed)
    notice(translation, 'a temperature above 1 was set to 1')
  return {
    ...take('temperature', isGiven(temperature) ? Math.min(1, temperature) : null, !isFixed),
    ...take('top_p', topP, !isFixed && !isEither),
    ...take('top_k', topK, !isFixed),
  }
}

/** The temperature and top_p that change nothing, which many clients always send. */
const neutral = 1

/** `thinking` and `output_config`, whose members in the client's own spelling take precedence. */
export function translateReasoning(
  translation: Translation,
  request: ChatRequest,
  target: ChatTarget,
): { readonly thinking?: unknown; readonly output_config?: unknown } {
  const { effort, thinking } = translateEffort(translation, request, target)
  const format = translateFormat(translation, request.response_format ?? null, target.jsonSchema)
  const mapped = { ...given('effort', effort), ...given('format', format) }
  const own = request.output_config
  const config =
    isGiven(own) && Object.keys(mapped).length === 0
      ? getExact(translation.texts, own)
      : { ...mapped, ...own }
  const isEmpty = !isGiven(own) && Object.keys(mapped).length === 0
  return {
    ...given('thinking', request.thinking ? getExact(translation.texts, request.thinking) : thinking),
    ...(!isEmpty && { output_config: config }),
  }
}

/** OpenAI's levels, lowest first, and the highest one of the Messages API. */
const levels = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function translateEffort(
  translation: Translation,
  request: ChatRequest,
  { efforts, thinkingOff }: ChatTarget,
): { readonly effort: string | null; readonly thinking: JsonBody | null } {
  const nothing = { effort: null, thinking: null }
  const own = readText(request.reasoning, 'effort')
  if (isGiven(request.reasoning) && own === null) ignore(translation, 'reasoning')
  const effort = request.reasoning_effort ?? own
  if (!isGiven(effort)) return nothing
  const name = isGiven(request.reasoning_effort) ? 'reasoning_effort' : 'reasoning'
  const level = typeof effort === 'string' ? effort : ''
  const rank = levels.indexOf(level)
  if (level === 'none' && thinkingOff !== null)
    return { effort: null, thinking: thinkingOff === 'default' ? null : { type: thinkingOff } }
  const nearest = efforts.findLast((one) => levels.indexOf(one) <= rank) ?? efforts[0]
  if (rank < 0 || nearest === undefined) {
    ignore(translation, name)
    return nothing
  }
  if (nearest !== level) notice(translation, `${name} ${level} became ${nearest}, the nearest of the model`)
  return { effort: nearest, thinking: null }
}

/**
 * With a thinking budget, an assistant turn that continues after tool results must begin with thinking (docs.claude.com,
 * build-with-claude/extended-thinking, Nov 2025). Clients of this API do not get the thinking and cannot send
 * it back, so thinking is left out until the next question.
 */
export function lacksThinking(
  thinking: unknown,
  messages: readonly { readonly role: string; readonly content: readonly JsonBody[] }[],
): boolean {
  if (!isRecord(thinking) || thinking['type'] !== 'enabled') return false
  const start = messages.findLastIndex(
    ({ role, content }) => role === 'user' && content.some(({ type }) => type !== 'tool_result'),
  )
  const answer = messages.find(({ role }, index) => index > start && role === 'assistant')
  const type = answer?.content[0]?.['type']
  return type !== undefined && type !== 'thinking' && type !== 'redacted_thinking'
}
