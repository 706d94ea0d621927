import { isRecord, readText } from '@anthology/wire'
import type { CustomTool, MessagesRequest, ProviderTool, Tool } from '@anthology/wire'

import type { Schema } from './json-schema.ts'
import { listOfferedTools } from './offered-tools.ts'

/** A tool that the client runs. */
export interface ClientTool {
  readonly name: string
  readonly description: string
  /** Null for an Anthropic-defined tool, whose type determines the input. */
  readonly schema: Schema | null
  /** `custom`, or the dated type. */
  readonly type: string
  readonly isFineGrained: boolean
}

/** Lists the tools that the client runs and that a caller may call: the model itself, or code that it executes. */
export function listClientTools(
  request: MessagesRequest,
  betas: readonly string[],
  caller = 'direct',
): readonly ClientTool[] {
  const isFineGrained = betas.includes('fine-grained-tool-streaming-2025-05-14')
  const found = new Set(
    request.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : listReferences(content))),
  )
  return listOfferedTools(request).flatMap(({ tool, isAdded }) => {
    const client = readTool(tool)
    if (!client || !isLoaded(tool, isAdded || found.has(String(tool.name)))) return []
    if (!allowsCaller(tool, caller)) return []
    return { ...client, isFineGrained: isFineGrained || getOption(tool, 'eager_input_streaming') === true }
  })
}

/**
 * A deferred tool cannot be called until a tool search has found it, or the conversation has added it
 * (platform.claude.com, agents-and-tools/tool-use, 2026).
 */
function isLoaded(tool: Tool, isFound: boolean): boolean {
  return getOption(tool, 'defer_loading') !== true || isFound
}

/** A tool without `allowed_callers` is called by the model only (platform.claude.com, agents-and-tools/tool-use, 2026). */
function allowsCaller(tool: Tool, caller: string): boolean {
  const callers = getOption(tool, 'allowed_callers')
  return Array.isArray(callers) ? callers.includes(caller) : caller === 'direct'
}

function getOption(tool: Tool, name: string): unknown {
  return Object.entries(tool).find(([option]) => option === name)?.[1]
}

function listReferences(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(listReferences)
  const name = readText(value, 'tool_name')
  if (name !== null) return [name]
  return isRecord(value) ? listReferences(value['content']) : []
}

function readTool(tool: Tool): Omit<ClientTool, 'isFineGrained'> | null {
  if (isCustom(tool)) {
    const { name, description = '', input_schema: schema } = tool
    return { name, description, schema, type: 'custom' }
  }
  const { type, name = '' } = tool
  if (!clientTypes.test(type) || name === '') return null
  return { name, description: '', schema: null, type }
}

function isCustom(tool: Tool): tool is CustomTool {
  return !isProvider(tool)
}

function isProvider(tool: Tool): tool is ProviderTool {
  return typeof tool.type === 'string' && tool.type !== 'custom'
}

/** Other tools with a dated type are server tools. */
const clientTypes = /^(?:bash|text_editor|computer|memory)_\d{8}$/
