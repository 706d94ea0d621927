import { countValues } from '../body/json-bounds.ts'
import { createJsonText } from '../body/json-text.ts'
import { isRecord, parseJson, readText } from '../body/json-value.ts'
import { correctMediaType } from './chat-media.ts'
import { joinTexts, listNativeParts, readMark, toBlocks } from './chat-parts.ts'
import { excessTexts, jsonBounds } from './parse-chat.ts'
import type { ChatCalledFunction, ChatToolCall, ChatTurn } from './chat-request.ts'
import { getExact } from './exact-texts.ts'
import { encodeToolId } from './tool-id.ts'
import { fail, given, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

/** A call of an assistant turn, with its result wherever that is in the conversation. */
export interface MatchedCall {
  readonly use: JsonBody
  result: JsonBody | null
}

/** The calls of each assistant turn. */
export type MatchedCalls = ReadonlyMap<ChatTurn, readonly MatchedCall[]>

/**
 * Finds the result of every call by its id. Histories of other models contain results out of order, behind a
 * later turn, twice, or of calls that were cut off; the Messages API takes exactly one for each call.
 */
export function matchCalls(
  translation: Translation,
  turns: readonly ChatTurn[],
): { readonly calls: MatchedCalls; readonly strays: readonly JsonBody[] } {
  const calls = new Map<ChatTurn, readonly MatchedCall[]>()
  const strays: JsonBody[] = []
  const state: Matching = { translation, latest: new Map(), occurrences: new Map(), functionCalls: 0 }
  for (const [index, turn] of turns.entries()) {
    if (turn.role === 'assistant') calls.set(turn, openCalls(state, turn, `messages.${index}`))
    for (const [id, result] of listResults(state, turn, `messages.${index}`)) {
      const call = state.latest.get(id)
      if (call && call.result === null) call.result = { ...result, tool_use_id: call.use['id'] }
      else if (call) notice(translation, 'of several results of one call, the first was kept')
      // In the last turn a wrong id is a mistake of the client, which the API reports.
      else if (index === turns.length - 1) strays.push({ ...result, tool_use_id: encodeToolId(id, 1) })
      else notice(translation, 'results without a call were left out')
    }
  }
  return { calls, strays }
}

/** Creates the result of a call that has none in the conversation. */
export function createMissingResult(translation: Translation, { use }: MatchedCall): JsonBody {
  notice(translation, 'calls without a result were given one that says so')
  const content = 'No result: the call was interrupted.'
  return { type: 'tool_result', tool_use_id: use['id'], content, is_error: true }
}

interface Matching {
  readonly translation: Translation
  /** The last call with each of the client's ids. */
  readonly latest: Map<string, MatchedCall>
  readonly occurrences: Map<string, number>
  functionCalls: number
}

function openCalls(state: Matching, turn: ChatTurn, path: string): readonly MatchedCall[] {
  const { translation, latest, occurrences } = state
  const open = (id: string, use: JsonBody): MatchedCall => {
    const occurrence = (occurrences.get(id) ?? 0) + 1
    occurrences.set(id, occurrence)
    const call = { use: { type: 'tool_use', ...use, id: encodeToolId(id, occurrence) }, result: null }
    latest.set(id, call)
    return call
  }
  const opened = listNativeParts(turn, 'tool_use').map((part) => {
    const input = isRecord(part['input']) ? { input: getExact(translation.texts, part['input']) } : {}
    return open(readText(part, 'id') ?? '', { ...part, ...input })
  })
  for (const [index, call] of (turn.tool_calls ?? []).entries()) {
    const use = describeCall(translation, call, `${path}.tool_calls.${index}`)
    opened.push(open(call.id, { ...use, ...given('cache_control', call.cache_control) }))
  }
  // Some clients write one call in both forms.
  if (turn.function_call && opened.length === 0) {
    state.functionCalls += 1
    const { name } = turn.function_call
    const input = toInput(translation, turn.function_call, `${path}.function_call`)
    opened.push(open(nameFunctionCall(state.functionCalls), { name, input }))
  }
  return opened
}

function describeCall(translation: Translation, call: ChatToolCall, path: string): JsonBody {
  const { function: called, custom } = call
  if (called) return { name: called.name, input: toInput(translation, called, `${path}.function`) }
  // A call of a custom tool has a text as its input, but the Messages API takes objects only.
  return { name: custom?.name, input: { input: custom?.input } }
}

/** The older form of a call has no id; its result is matched by position. */
function nameFunctionCall(count: number): string {
  return `call_function_${count}`
}

/** The results of a turn as blocks, each with the client's id of its call. */
function listResults(state: Matching, turn: ChatTurn, path: string): readonly [string, JsonBody][] {
  const { translation } = state
  if (turn.role === 'user')
    return listNativeParts(turn, 'tool_result').map((part) => [
      readText(part, 'tool_use_id') ?? '',
      nativeResult(part),
    ])
  if (turn.role === 'function')
    return [[nameFunctionCall(state.functionCalls), resultBlock(translation, turn)]]
  if (turn.role !== 'tool') return []
  if (!turn.tool_call_id) fail(translation, `${path}.tool_call_id`, 'Field required')
  return [[turn.tool_call_id ?? '', resultBlock(translation, turn)]]
}

/** Joins the texts. A cache mark on a part becomes one on the result, because the Messages API caches whole blocks. */
function resultBlock(translation: Translation, turn: ChatTurn): JsonBody {
  const parts = Array.isArray(turn.content) ? turn.content : []
  const mark = turn.cache_control ?? parts.map(readMark).findLast((one) => one !== null)
  const hasMedia = parts.some(({ type }) => mediaTypes.has(type))
  const content = hasMedia
    ? toBlocks(translation, {
        role: 'tool',
        content: parts.map((part) => ({ ...part, cache_control: null })),
      })
    : joinTexts(translation, turn)
  return { type: 'tool_result', content, ...given('cache_control', mark) }
}

function nativeResult(part: JsonBody): JsonBody {
  const { content } = part
  if (!Array.isArray(content)) return part
  return { ...part, content: content.map((one: unknown) => (isRecord(one) ? correctMediaType(one) : one)) }
}

const mediaTypes: ReadonlySet<string> = new Set([
  'image',
  'image_url',
  'input_image',
  'document',
  'file',
  'input_file',
  'search_result',
])

/** The input of a call, as its author wrote it. A model that passes no arguments leaves an empty text or null. */
function toInput(
  translation: Translation,
  { arguments: written }: ChatCalledFunction,
  path: string,
): unknown {
  if (typeof written === 'object' && written !== null) return getExact(translation.texts, written)
  const text = (written ?? '').trim()
  if (text === '' || text === 'null') return {}
  const excess = findExcess(translation, text)
  if (excess !== null) return fail(translation, `${path}.arguments`, excessTexts[excess])
  // UTF-8 has no lone surrogates, so one is written as an escape, which the API reports.
  if (isRecord(parseJson(text)))
    return createJsonText(text.replaceAll(/\p{Surrogate}/gu, (half) => JSON.stringify(half).slice(1, -1)))
  // A model that was cut off leaves such arguments, and OpenAI's API takes any text.
  notice(translation, 'arguments that are not a JSON object became the member arguments of one')
  return { arguments: text }
}

/** A short text cannot exceed a bound. */
function findExcess(translation: Translation, text: string): 'depth' | 'values' | null {
  if (text.length <= jsonBounds.maxDepth) return null
  const maxValues = jsonBounds.maxValues - translation.argumentValues
  const counted = countValues(utf8.encode(text), { ...jsonBounds, maxValues })
  if (typeof counted === 'string') return counted
  translation.argumentValues += counted
  return null
}

const utf8 = new TextEncoder()
