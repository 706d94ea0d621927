import { createJsonText } from '../body/json-text.ts'
import type { JsonText } from '../body/json-text.ts'
import { readRecord, readText } from '../body/json-value.ts'
import { readMark } from './chat-parts.ts'
import type { ChatFunction, ChatRequest, ChatTool } from './chat-request.ts'
import { getExact, getExactText } from './exact-texts.ts'
import { fail, given, ignore, isGiven, maxEchoLength } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

/** The tools and the choice among them; members that are not needed are absent. */
export function translateTools(translation: Translation, request: ChatRequest): JsonBody {
  const tools = [
    ...(request.tools ?? []).map((tool, index) => translateTool(translation, tool, `tools.${index}`)),
    ...(request.functions ?? []).map((one) => translateFunction(translation, one)),
  ].filter(isGiven)
  const { choice, allowed } = translateToolChoice(translation, request)
  const names = new Set<unknown>(tools.map(({ name }) => name))
  const unknown = [...(allowed ?? [])].find((name) => !names.has(name))
  if (unknown !== undefined)
    fail(translation, 'tool_choice', `Tool '${unknown.slice(0, maxEchoLength)}' not found in provided tools`)
  const offered =
    allowed === null ? tools : tools.filter(({ name }) => typeof name === 'string' && allowed.has(name))
  return {
    ...(offered.length > 0 && { tools: offered }),
    ...(choice && !(offered.length === 0 && isMoot(choice)) && { tool_choice: choice }),
  }
}

function translateTool(translation: Translation, tool: ChatTool, path: string): JsonBody | null {
  const { type, function: wrapped, input_schema: schema, ...rest } = tool
  const mark = given('cache_control', tool.cache_control)
  if (wrapped) return { ...translateFunction(translation, wrapped), ...mark }
  if (schema)
    return { ...(type === 'function' ? rest : tool), input_schema: getExact(translation.texts, schema) }
  if (tool.name !== undefined && (type ?? 'function') === 'function')
    return translateFunction(translation, { ...tool, name: tool.name })
  if (typeof type === 'string' && nativeType.test(type)) return tool
  const shown = String(type).slice(0, maxEchoLength)
  return fail(
    translation,
    `${path}.type`,
    `Tools of type '${shown}' are not supported on this endpoint; use type 'function'`,
  )
}

/** A tool of the Messages API with a fixed name, such as `bash_20250124`; other types of OpenAI have no date. */
const nativeType = /_20\d{6}$|^mcp_toolset$/

function translateFunction(translation: Translation, tool: ChatFunction): JsonBody {
  if (tool.strict === true) ignore(translation, 'strict of functions')
  return {
    name: tool.name,
    ...given('description', tool.description),
    input_schema: describeInput(translation, tool.parameters ?? null),
    ...given('cache_control', readMark(tool)),
  }
}

/** The schema as its author wrote it, with the type that the Messages API requires. */
function describeInput(translation: Translation, parameters: JsonBody | null): JsonText | JsonBody {
  if (parameters === null) return { type: 'object', properties: {} }
  const text = getExactText(translation.texts, parameters)
  if (Object.hasOwn(parameters, 'type')) return createJsonText(text)
  const separator = Object.keys(parameters).length === 0 ? '' : ','
  return createJsonText(`{"type":"object"${separator}${text.slice(1)}`)
}

interface TranslatedChoice {
  readonly choice: JsonBody | null
  /** The names of the only tools that may be called; null for all. */
  readonly allowed: ReadonlySet<string> | null
}

function translateToolChoice(translation: Translation, request: ChatRequest): TranslatedChoice {
  const { tool_choice: choice, function_call: call, parallel_tool_calls: isParallel } = request
  const chosen = choice ?? call ?? null
  const isOne = typeof choice === 'object' && choice?.['disable_parallel_tool_use'] === true
  const parallel = isParallel === false || isOne ? { disable_parallel_tool_use: true } : {}
  if (chosen === null)
    return { choice: isParallel === false ? { type: 'auto', ...parallel } : null, allowed: null }
  const limited = readRecord(chosen, 'allowed_tools')
  const mode = typeof chosen === 'string' ? chosen : (readText(limited, 'mode') ?? readText(chosen, 'type'))
  const name = readChosenName(chosen)
  const allowed = limited ? new Set(listNames(limited['tools'])) : null
  if (name !== null) return { choice: { type: 'tool', name, ...parallel }, allowed }
  if (mode === 'none') return { choice: { type: 'none' }, allowed }
  if (mode === 'auto') return { choice: { type: 'auto', ...parallel }, allowed }
  if (mode === 'required' || mode === 'any') return { choice: { type: 'any', ...parallel }, allowed }
  const expected = "Input should be 'none', 'auto', 'required', a function or allowed tools"
  fail(translation, 'tool_choice', expected)
  return { choice: null, allowed: null }
}

/** The name stands in `function`, in `custom`, or, in the form of the Messages API, beside the type. */
function readChosenName(chosen: unknown): string | null {
  return (
    readText(readRecord(chosen, 'function'), 'name') ??
    readText(readRecord(chosen, 'custom'), 'name') ??
    readText(chosen, 'name')
  )
}

function listNames(tools: unknown): readonly string[] {
  return Array.isArray(tools) ? tools.flatMap((tool: unknown) => readChosenName(tool) ?? []) : []
}

/** Without tools the choice has no effect, but the Messages API would reject it. */
function isMoot(choice: JsonBody): boolean {
  return choice['type'] === 'auto' || choice['type'] === 'none'
}
