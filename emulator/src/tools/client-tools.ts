import { isRecord, readText } from '@anthology/wire'
import type { CustomTool, MessagesRequest, ProviderTool, Tool } from '@anthology/wire'

import type { Schema } from './json-schema.ts'

/** A tool that the client runs, so that the answer may call it. */
export interface ClientTool {
  readonly name: string
  readonly description: string
  /** Null for a tool of Anthropic's: its shape goes by its type. */
  readonly schema: Schema | null
  /** `custom`, or the dated type. */
  readonly type: string
  readonly isFineGrained: boolean
}

/** The tools of a request that the model may call by itself and that run at the client. */
export function listClientTools(
  { tools = [], messages }: MessagesRequest,
  betas: readonly string[],
): readonly ClientTool[] {
  const isFineGrained = betas.includes('fine-grained-tool-streaming-2025-05-14')
  const found = new Set(
    messages.flatMap(({ content }) => (typeof content === 'string' ? [] : referencesIn(content))),
  )
  return tools.flatMap((tool) => {
    const client = readTool(tool)
    if (!client || !isCallable(tool, found)) return []
    return { ...client, isFineGrained: isFineGrained || getOption(tool, 'eager_input_streaming') === true }
  })
}

/**
 * A deferred tool is not there until a search brought it up; a tool for programs only is not the model's
 * to call (platform.claude.com, agents-and-tools/tool-use, of 2026).
 */
function isCallable(tool: Tool, found: ReadonlySet<string>): boolean {
  if (getOption(tool, 'defer_loading') === true && !found.has(String(tool.name))) return false
  const callers = getOption(tool, 'allowed_callers')
  return !Array.isArray(callers) || callers.includes('direct')
}

function getOption(tool: Tool, name: string): unknown {
  return Object.entries(tool).find(([option]) => option === name)?.[1]
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  const name = readText(value, 'tool_name')
  if (name !== null) return [name]
  return isRecord(value) ? referencesIn(value['content']) : []
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

/** All others of a dated type run at the service. */
const clientTypes = /^(?:bash|text_editor|computer|memory)_\d{8}$/
