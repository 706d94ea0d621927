import { findOutputBlockProblem, findServerPairingProblem, formatProblem, readText } from '@anthology/wire'
import type { InputBlock } from '@anthology/wire'

import { findAnswerSchema } from '../generate/generate.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { readThinking } from '../thinking/mode.ts'
import { findFirstAnswer, listBlocks } from '../thinking/turn.ts'
import { listClientTools } from '../tools/client-tools.ts'
import { listOfferedTools } from '../tools/offered-tools.ts'
import type { SchemaChecker } from '../tools/schema-check.ts'
import { getTypedSchema } from '../tools/typed-schema.ts'
import { findCitationProblem } from './citation-rules.ts'
import { findPrefillStart } from './request-facts.ts'
import { getPartType, toRawBlock } from './reply-part.ts'
import type { ReplyPart } from './reply-part.ts'

/** The reason why the service could not send an answer, and the member of the reply that it concerns. */
export interface AnswerProblem {
  readonly path: string
  readonly message: string
}

/** Finds the first rule of the service that the blocks of a scripted answer break for this request. */
export function findAnswerProblem(
  parts: readonly ReplyPart[],
  validation: ValidRequest,
  { checker, isOpen, isComplete }: AnswerRulesContext,
): AnswerProblem | null {
  for (const [index, part] of parts.entries()) {
    const problem =
      findShapeProblem(part) ??
      findThinkingProblem(part, parts.slice(0, index), validation) ??
      findCitationProblem(part, parts.slice(0, index), validation) ??
      findCallProblem(part, validation, checker) ??
      findServerToolProblem(part, validation)
    if (problem !== null) return problem
  }
  return (
    findRepeatedId(parts, validation) ??
    findPairingProblem(parts, validation, isOpen) ??
    findChoiceProblem(parts, validation, isComplete) ??
    (isComplete ? findStructureProblem(parts, validation, checker) : null)
  )
}

export interface AnswerRulesContext {
  readonly checker: SchemaChecker
  /** A use of a server tool may lack its result, because the turn pauses or ends early. */
  readonly isOpen: boolean
  /** The answer ends by itself, so it has all that the request wants of it. */
  readonly isComplete: boolean
}

function findShapeProblem(part: ReplyPart): AnswerProblem | null {
  const block = toRawBlock(part)
  const problem = block && findOutputBlockProblem(block)
  return problem && { path: part.path, message: formatProblem(problem) }
}

/** A thinking block is the first one of an answer, or follows the result of a server tool. */
function findThinkingProblem(
  part: ReplyPart,
  before: readonly ReplyPart[],
  { request, model, betas }: ValidRequest,
): AnswerProblem | null {
  if (part.kind !== 'thinking') return null
  const fail = (message: string): AnswerProblem => ({ path: part.path, message })
  const mode = readThinking(request, model, betas)
  if (mode === null) return fail('thinking is not enabled in the request')
  const isContinued = findFirstAnswer(request.messages) >= 0
  if (isContinued && !mode.interleaved)
    return fail(
      'after results of tools this model thinks only with interleaved thinking, which the request does not enable',
    )
  if (!isContinued && mode.type === 'between_tools')
    return fail('thinking.type is between_tools in the request, so there is none before the first call')
  const last = before.at(-1)
  if (last === undefined || last.kind === 'thinking' || getPartType(last).endsWith('_tool_result'))
    return null
  return fail('thinking comes first in an answer, or after the result of a server tool')
}

/** A call must be one that the API could make: of a tool that the request offers, with an input that its schema allows. */
function findCallProblem(
  part: ReplyPart,
  { request, betas }: ValidRequest,
  checker: SchemaChecker,
): AnswerProblem | null {
  if (part.kind !== 'call') return null
  const { path, name, input, members } = part
  if (request.tool_choice?.type === 'none') return { path, message: 'tool_choice is none in the request' }
  const toolset = readText(members, 'toolset_name')
  if (toolset !== null) {
    const isOffered = listOfferedTypes(request).some((type) => type.startsWith(`${toolset}_`))
    return isOffered ? null : { path, message: `the request offers no toolset ${JSON.stringify(toolset)}` }
  }
  const caller = readText(members['caller'], 'type') ?? undefined
  const tools = listClientTools(request, betas, caller)
  const tool = tools.find((offered) => offered.name === name)
  if (tool === undefined) {
    const offered = tools.length === 0 ? 'none' : tools.map((one) => one.name).join(', ')
    return {
      path: `${path}.name`,
      message: `the request offers no tool ${JSON.stringify(name)}; it offers ${offered}`,
    }
  }
  const schema = tool.schema ?? getTypedSchema(tool.type)
  const problem = schema && checker.explain(schema, input)
  return problem ? { path: `${path}.input${problem}`, message: '' } : null
}

/** Only tools that the request offers run at the service. */
function findServerToolProblem(part: ReplyPart, { request }: ValidRequest): AnswerProblem | null {
  if (part.kind !== 'server_call') return null
  const { path, block } = part
  if (request.tool_choice?.type === 'none') return { path, message: 'tool_choice is none in the request' }
  const name = readText(block, 'name') ?? ''
  const server = readText(block, 'server_name')
  const types = listOfferedTypes(request)
  const isOffered =
    server === null
      ? types.some((type) => (serverTools[name] ?? new RegExp(`^${name}_\\d`)).test(type))
      : (request.mcp_servers ?? []).some((one) => one.name === server)
  if (isOffered) return null
  const missing =
    server === null ? `server tool ${JSON.stringify(name)}` : `MCP server ${JSON.stringify(server)}`
  return { path, message: `the request offers no ${missing}` }
}

function listOfferedTypes(request: ValidRequest['request']): readonly string[] {
  return listOfferedTools(request).map(({ tool }) => String(tool.type))
}

/** Since 2026 searches and fetches run code to filter what they find (platform.claude.com, agents-and-tools, 2026). */
const runsCode = /^(?:code_execution|web_(?:search|fetch)_2026)/
const serverTools: Readonly<Record<string, RegExp>> = {
  code_execution: runsCode,
  bash_code_execution: runsCode,
  text_editor_code_execution: runsCode,
}

function findRepeatedId(parts: readonly ReplyPart[], { request }: ValidRequest): AnswerProblem | null {
  const known = new Set(request.messages.flatMap(listBlocks).flatMap(getId))
  for (const part of parts) {
    const id = part.kind === 'call' ? part.id : readText(toRawBlock(part), 'id')
    if (id === null) continue
    if (known.has(id))
      return { path: `${part.path}.id`, message: `${id} is the id of an earlier call; ids must be unique` }
    known.add(id)
  }
  return null
}

function getId(block: InputBlock): readonly string[] {
  return 'id' in block ? [block.id] : []
}

/** Results follow their uses, which may be in the paused turn that the answer continues. */
function findPairingProblem(
  parts: readonly ReplyPart[],
  { request }: ValidRequest,
  isOpen: boolean,
): AnswerProblem | null {
  if (!parts.some(({ kind }) => kind === 'server_call' || kind === 'whole')) return null
  const start = request.messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  const before = request.messages.slice(start).flatMap(listBlocks)
  // The shape of each block was checked; the ones of ours have no part in this rule.
  const blocks = parts.map(
    (part) => toRawBlock(part) ?? { type: 'text', text: '' },
  ) as unknown as InputBlock[]
  const answer = { role: 'assistant', content: [...before, ...blocks] } as const
  const stray = findServerPairingProblem([answer])
  if (stray !== null) {
    const at = Number(/content\.(\d+)$/.exec(stray.path)?.[1] ?? 0) - before.length
    return { path: parts[at]?.path ?? 'blocks', message: stray.message }
  }
  if (isOpen) return null
  const open = findServerPairingProblem([answer, { role: 'user', content: 'x' }])
  return open && { path: 'blocks', message: `${open.message}; only a paused turn can end so` }
}

/** The rules of `tool_choice` (docs.claude.com, agents-and-tools/tool-use/implement-tool-use). */
function findChoiceProblem(
  parts: readonly ReplyPart[],
  { request }: ValidRequest,
  isComplete: boolean,
): AnswerProblem | null {
  const choice = request.tool_choice
  if (choice === undefined || choice.type === 'none') return null
  const calls = parts.filter(({ kind }) => kind === 'call')
  const second = calls[1]
  if (choice.disable_parallel_tool_use === true && second !== undefined)
    return {
      path: second.path,
      message: 'disable_parallel_tool_use in the request allows one call of a tool',
    }
  if (choice.type === 'auto') return null
  const [first] = parts.filter(({ kind }) => kind !== 'thinking')
  const wanted = choice.type === 'tool' ? `a call of ${choice.name}` : 'a call of a tool'
  if (first?.kind === 'text')
    return {
      path: first.path,
      message: `tool_choice in the request forces ${wanted}, so no text comes before`,
    }
  if (first === undefined)
    return isComplete
      ? { path: 'tool_calls', message: `tool_choice in the request forces ${wanted}, and there is none` }
      : null
  const name = first.kind === 'call' ? first.name : readText(toRawBlock(first), 'name')
  return choice.type === 'tool' && name !== choice.name
    ? { path: first.path, message: `tool_choice in the request forces ${wanted}` }
    : null
}

/** The texts of an answer are one JSON text that satisfies the schema of the request. */
function findStructureProblem(
  parts: readonly ReplyPart[],
  { request }: ValidRequest,
  checker: SchemaChecker,
): AnswerProblem | null {
  const schema = findAnswerSchema(request)
  if (schema === null) return null
  const texts = parts.flatMap((part) => (part.kind === 'text' ? part : []))
  const path = texts[0]?.path ?? 'text'
  const text = texts.map((part) => part.text).join('')
  if (text === '' && parts.some(({ kind }) => kind === 'call')) return null
  try {
    const problem = checker.explain(schema, JSON.parse(text))
    return problem === null ? null : { path: `${path}${problem}`, message: '' }
  } catch {
    return { path, message: 'output_config.format in the request requires JSON, and the text is not' }
  }
}

/** The text that the answer continues; '' if there is none. */
export function findPrefill({ request, prompt }: ValidRequest): string {
  return findPrefillStart(request.messages) < request.messages.length ? prompt.prefill : ''
}
