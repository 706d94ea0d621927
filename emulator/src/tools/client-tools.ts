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

/** Lists the tools that the model may call directly and that the client runs. */
export function listClientTools(request: MessagesRequest, betas: readonly string[]): readonly ClientTool[] {
  const isFineGrained = betas.includes('fine-grained-tool-streaming-2025-05-14')
  const found = new Set(
    request.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : listReferences(content))),
  )
  return listOfferedTools(request).flatMap(({ tool, isAdded }) => {
    const client = readTool(tool)
    if (!client || !isCallable(tool, isAdded || found.has(String(tool.name)))) return []
    return { ...client, isFineGrained: isFineGrained || getOption(tool, 'eager_input_streaming') === true }
  })
}

/**
 * A deferred tool cannot be called until a tool search has found it, or the conversation has added it; a tool with other allowed callers cannot be called
 * directly (platform.claude.com, agents-and-tools/tool-use, 2026).
 */
function isCallable(tool: Tool, isLoaded: boolean): boolean {
  if (getOption(tool, 'defer_loading') === true && !isLoaded) return false
  const callers = getOption(tool, 'allowed_callers')
  return !Array.isArray(callers) || callers.includes('direct')
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
