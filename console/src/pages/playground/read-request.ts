import { createId } from '../../parts/create-id.ts'
import { createRequest } from './create-request.ts'
import { emptyDraft } from './draft.ts'
import type { Block, Draft, Turn } from './draft.ts'
import { parseMembers } from './members.ts'
import { setOtherMembers } from './other-members.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a request of the Messages API into a draft that makes the same request. Members that no field can hold as they
 * are, such as a system prompt of several blocks, become `otherMembers`, and their fields are empty. Null for a text that is no request.
 */
export function readRequest(text: string, betas: readonly string[]): Draft | null {
  const body = parseMembers(text)
  if (body === null || !Array.isArray(body['messages'])) return null
  const { anthropic_beta: ownBetas } = body
  const allBetas = [...betas, ...toList(ownBetas).map(printScalar)]
  const draft: Draft = {
    ...emptyDraft,
    ...readOptions(body),
    ...readSystem(body['system']),
    turns: body['messages'].map(readTurn),
    tools: printJson(body['tools']),
    betas: [...new Set(allBetas)].join('\n'),
  }
  return setOtherMembers(draft, findRest(draft, body))
}

/** The members of the request that the draft would send in another way. */
function findRest(draft: Draft, body: Json): Json {
  const created = createRequest(draft, '')
  const sent: Json = created.ok ? created.body : {}
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => {
      if (ownMembers.has(name) || (name === 'stream' && value === false)) return false
      return !isSame(sent[name], normalizeMember(name, value))
    }),
  )
}

/** Members that have a place outside of the body: the choice of models, and the header of the betas. */
const ownMembers: ReadonlySet<string> = new Set(['model', 'anthropic_version', 'anthropic_beta'])

function readOptions(body: Json): Partial<Draft> {
  const { thinking, output_config: config, tool_choice: choice, stop_sequences: stops } = body
  const { type: thinkingType, budget_tokens: budget } = toObject(thinking)
  const { effort, format } = toObject(config)
  const { type: choiceType, name } = toObject(choice)
  return {
    maxTokens: printScalar(body['max_tokens']),
    temperature: printScalar(body['temperature']),
    topP: printScalar(body['top_p']),
    topK: printScalar(body['top_k']),
    thinking: printScalar(thinkingType),
    ...(budget !== undefined && { budgetTokens: printScalar(budget) }),
    effort: printScalar(effort),
    schema: printJson(toObject(format)['schema']),
    toolChoice: printScalar(choiceType === 'tool' ? name : choiceType),
    stopSequences: toList(stops).map(printScalar).join('\n'),
    isStreamed: body['stream'] === true,
  }
}

function readSystem(system: unknown): Pick<Draft, 'system' | 'cache'> {
  const { cache } = emptyDraft
  if (typeof system === 'string') return { system, cache }
  const [block, ...others] = toList(system).map(toObject)
  if (block === undefined || others.length > 0 || typeof block['text'] !== 'string')
    return { system: '', cache }
  const ttl = readMark(block['cache_control'])
  return { system: block['text'], cache: ttl === null ? cache : { ...cache, system: true, ttl } }
}

function readTurn(message: unknown): Turn {
  const { role, content } = toObject(message)
  const blocks =
    typeof content === 'string' ? [{ type: 'text', text: content }] : toList(content).map(toObject)
  const cache = readMark(blocks.at(-1)?.['cache_control'])
  return {
    id: createId(),
    role: role === 'assistant' ? 'assistant' : 'user',
    blocks: blocks.map((block, index) =>
      index === blocks.length - 1 && cache !== null ? readBlock(omitMark(block)) : readBlock(block),
    ),
    ...(cache !== null && { cache }),
  }
}

/** A block with members that its field does not have stays as it is. */
function readBlock(block: Json): Block {
  const read = readEditable(block)
  return read ?? { kind: 'raw', value: block }
}

function readEditable({ type, ...block }: Json): Block | null {
  const names = Object.keys(block)
  const hasOnly = (...known: readonly string[]) => names.every((name) => known.includes(name))
  if (type === 'text' && hasOnly('text') && typeof block['text'] === 'string')
    return { kind: 'text', text: block['text'] }
  if ((type === 'image' || type === 'document') && hasOnly('source'))
    return readFile(type, toObject(block['source']))
  if (type !== 'tool_result' || !hasOnly('tool_use_id', 'content', 'is_error')) return null
  const text = readText(block['content'])
  const { tool_use_id: toolUseId, is_error: isError } = block
  if (text === null || typeof toolUseId !== 'string') return null
  return { kind: 'tool_result', toolUseId, toolName: '', text, isError: isError === true }
}

function readFile(type: string, source: Json): Block | null {
  const { type: sourceType, media_type: mediaType, data, ...others } = source
  if (sourceType !== 'base64' || typeof mediaType !== 'string' || typeof data !== 'string') return null
  const wanted = mediaType === 'application/pdf' ? 'document' : 'image'
  if (type !== wanted || Object.keys(others).length > 0) return null
  return { kind: 'file', name: mediaType, mediaType, data }
}

/** The content of a result, or a system prompt, that is one text. */
function readText(content: unknown): string | null {
  if (typeof content === 'string') return content
  const [block, ...others] = toList(content).map(toObject)
  const isText = block?.['type'] === 'text' && Object.keys(block).length === 2 && others.length === 0
  return isText && typeof block['text'] === 'string' ? block['text'] : null
}

/** The time to live of a mark that the draft can make; null for any other value. */
function readMark(mark: unknown): '5m' | '1h' | null {
  const { type, ttl, ...others } = toObject(mark)
  if (type !== 'ephemeral' || Object.keys(others).length > 0) return null
  if (ttl === undefined) return '5m'
  return ttl === '1h' ? '1h' : null
}

function omitMark({ cache_control: _mark, ...block }: Json): Json {
  return block
}

function normalizeMember(name: string, value: unknown): unknown {
  if (name === 'messages') return normalize(value)
  return name === 'system' ? (readText(value) ?? value) : value
}

/** Forms of one meaning: a text in place of a list of one block, and `is_error` that is false. */
function normalize(value: unknown): unknown {
  if (typeof value === 'string') return value
  return toList(value).map((item) => {
    const { content, ...rest } = toObject(item)
    if (rest['type'] === 'text' || content === undefined) return item
    const { is_error: isError, ...others } = rest
    const kept = isError === true ? rest : others
    if (rest['type'] === 'tool_result') return { ...kept, content: readText(content) ?? content }
    return {
      ...kept,
      content: typeof content === 'string' ? [{ type: 'text', text: content }] : normalize(content),
    }
  })
}

/** Compares JSON values; the order of members means nothing. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false
    return one.every((item, index) => isSame(item, other[index]))
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => name in other && isSame(toObject(one)[name], toObject(other)[name]))
}

function toObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function printScalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function printJson(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}
