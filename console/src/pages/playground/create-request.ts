import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { Block, CacheMarks, Draft, Turn } from './draft.ts'
import { isTooDeep } from './members.ts'
import { fillVariables } from './variables.ts'
import type { Values } from './variables.ts'

/** The request that a draft makes, or the reason why it makes none. */
export type CreatedRequest =
  | { readonly ok: true; readonly body: RequestBody; readonly betas: readonly string[] }
  | { readonly ok: false; readonly problem: string }

export type RequestBody = Readonly<Record<string, unknown>> & { readonly model: string }

/** Creates the Messages request of a draft for a model. Members that are not set are not sent. */
export function createRequest(draft: Draft, model: string, values: Values = {}): CreatedRequest {
  const tools = parseJsonField(draft.tools, fieldNames.tools, 'array')
  if (!tools.ok) return tools
  const schema = parseJsonField(draft.schema, fieldNames.schema, 'object')
  if (!schema.ok) return schema
  const others = parseJsonField(draft.otherMembers, fieldNames.otherMembers, 'object')
  if (!others.ok) return others
  const fill = (text: string) => fillVariables(text, values)
  const mark = createMark(draft.cache.ttl)
  const config = {
    ...(draft.effort !== '' && { effort: draft.effort }),
    ...(schema.value !== undefined && { format: { type: 'json_schema', schema: schema.value } }),
  }
  const body: RequestBody = {
    model,
    ...readNumber('max_tokens', draft.maxTokens),
    ...(draft.system !== '' && {
      system: createSystem(fill(draft.system), draft.cache.system ? mark : null),
    }),
    messages: createMessages(draft.turns, fill, draft.cache.lastTurn ? mark : null),
    ...(Array.isArray(tools.value) &&
      tools.value.length > 0 && { tools: draft.cache.tools ? markLast(tools.value, mark) : tools.value }),
    ...(draft.toolChoice !== '' && { tool_choice: createToolChoice(draft.toolChoice) }),
    ...(draft.thinking !== '' && { thinking: createThinking(draft) }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...readNumber('temperature', draft.temperature),
    ...readNumber('top_p', draft.topP),
    ...readNumber('top_k', draft.topK),
    ...(draft.stopSequences !== '' && { stop_sequences: listLines(draft.stopSequences) }),
    ...(draft.isStreamed && { stream: true }),
    ...(isObject(others.value) && others.value),
  }
  return { ok: true, body, betas: listLines(draft.betas) }
}

const fieldNames = texts.jsonFields

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

function parseJsonField(text: string, name: string, wanted: 'array' | 'object'): Parsed {
  if (text.trim() === '') return { ok: true, value: undefined }
  if (isTooDeep(text)) return { ok: false, problem: texts.tooDeep(name) }
  try {
    const value: unknown = JSON.parse(text)
    const isWanted = wanted === 'array' ? Array.isArray(value) : isObject(value)
    return isWanted ? { ok: true, value } : { ok: false, problem: texts.notJson(name, wanted) }
  } catch (error) {
    return { ok: false, problem: `${name}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Five minutes are the default of the API. */
function createMark(ttl: CacheMarks['ttl']): object {
  return { type: 'ephemeral', ...(ttl === '1h' && { ttl }) }
}

function createSystem(text: string, mark: object | null): unknown {
  return mark === null ? text : [{ type: 'text', text, cache_control: mark }]
}

function createMessages(
  turns: readonly Turn[],
  fill: (text: string) => string,
  mark: object | null,
): readonly object[] {
  return turns.map(({ role, blocks, cache }, index) => {
    const content = blocks.flatMap((block) => createBlock(block, fill))
    const own = cache === undefined ? null : createMark(cache)
    const used = own ?? (index === turns.length - 1 ? mark : null)
    return { role, content: used === null ? content : markLast(content, used) }
  })
}

/** An empty text is not sent: the API rejects it. */
function createBlock(block: Block, fill: (text: string) => string): readonly object[] {
  switch (block.kind) {
    case 'text':
      return block.text === '' ? [] : [{ type: 'text', text: fill(block.text) }]
    case 'file': {
      const type = block.mediaType === 'application/pdf' ? 'document' : 'image'
      return [{ type, source: { type: 'base64', media_type: block.mediaType, data: block.data } }]
    }
    case 'tool_result': {
      const { toolUseId, text, isError } = block
      const result = { type: 'tool_result', tool_use_id: toolUseId, content: fill(text) }
      return [isError ? { ...result, is_error: true } : result]
    }
    case 'raw':
      return [block.value]
  }
}

function markLast(blocks: readonly unknown[], mark: object): readonly unknown[] {
  const last = blocks.at(-1)
  return isObject(last) ? [...blocks.slice(0, -1), { ...last, cache_control: mark }] : blocks
}

function createToolChoice(choice: string): object {
  return ['auto', 'any', 'none'].includes(choice) ? { type: choice } : { type: 'tool', name: choice }
}

function createThinking({ thinking, budgetTokens }: Draft): object {
  return thinking === 'enabled'
    ? { type: thinking, ...readNumber('budget_tokens', budgetTokens) }
    : { type: thinking }
}

/** A text that is no number is sent as it is, so that the rules of the API show. */
function readNumber(name: string, text: string): Readonly<Record<string, unknown>> {
  const trimmed = text.trim()
  if (trimmed === '') return {}
  const number = Number(trimmed)
  return { [name]: Number.isFinite(number) ? number : trimmed }
}

export function listLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The names of the draft's tools, for the choice of one; empty while the text is no JSON. */
export function listToolNames(tools: string): readonly string[] {
  const parsed = parseJsonField(tools, '', 'array')
  if (!parsed.ok || !Array.isArray(parsed.value)) return []
  return parsed.value.flatMap((tool: unknown) =>
    isObject(tool) && typeof tool['name'] === 'string' ? [tool['name']] : [],
  )
}
