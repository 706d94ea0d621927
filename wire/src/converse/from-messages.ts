import type { JsonObject } from '../body/json-value.ts'
import type { MessageParam, MessagesRequest, OutputConfig } from '../messages/request.ts'
import type { Problem } from '../messages/shape.ts'
import type { CustomTool, Tool, ToolChoice } from '../messages/tool.ts'
import { stopSequencePaths } from './answer-to-messages.ts'
import { checkToolName, contentToConverse, systemToConverse } from './block-to-converse.ts'
import { printJson } from './exact-json.ts'
import { beginRewriting, createCachePoint, given, hasNoCounterpart, failAt } from './rewriting.ts'
import type { Rewriting } from './rewriting.ts'

export type RewrittenMessages =
  | {
      readonly ok: true
      readonly body: JsonObject
      /** True for ConverseStream, which is called by a path of its own. */
      readonly stream: boolean
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Translates a validated Messages request to a Converse request. Members without a Converse equivalent travel
 * in `additionalModelRequestFields`; anything it cannot represent is rejected with its path.
 */
export function messagesToConverse(
  request: MessagesRequest,
  { betas = [] }: { readonly betas?: readonly string[] } = {},
): RewrittenMessages {
  const rewriting = beginRewriting()
  const { model: _model, messages, system, max_tokens, temperature, top_p, stop_sequences, ...more } = request
  const { tools = [], tool_choice, output_config, stream, service_tier, cache_control, ...others } = more
  if (cache_control) failAt(rewriting, 'cache_control', hasNoCounterpart)
  const turns = messages.map((turn, index) => turnToConverse(rewriting, turn, `messages.${index}`))
  const systemBlocks = system === undefined ? [] : systemToConverse(rewriting, system)
  const toolFields = toolsToConverse(rewriting, tools, tool_choice)
  const output = outputToConverse(rewriting, output_config ?? {})
  if (rewriting.usesTools && tools.length === 0)
    failAt(rewriting, 'tools', 'Converse takes tool calls and their results only beside tools')
  if (service_tier === 'auto') rewriting.notices.push('service_tier auto is what Bedrock does not have')
  if (rewriting.problem) return { ok: false, problem: rewriting.problem }
  const inferenceConfig = {
    ...given('maxTokens', max_tokens),
    ...given('temperature', temperature),
    ...given('topP', top_p),
    ...given('stopSequences', stop_sequences),
  }
  const additional = {
    ...Object.fromEntries(
      Object.entries(others).filter(([, value]) => value !== null && value !== undefined),
    ),
    ...toolFields.additional,
    ...output.additional,
    ...(betas.length > 0 && { anthropic_beta: betas }),
  }
  const body = {
    messages: turns,
    ...(systemBlocks.length > 0 && { system: systemBlocks }),
    ...(isFilled(inferenceConfig) && { inferenceConfig }),
    ...given('toolConfig', toolFields.toolConfig),
    ...given('outputConfig', output.outputConfig),
    ...(stop_sequences && { additionalModelResponseFieldPaths: stopSequencePaths }),
    ...(isFilled(additional) && { additionalModelRequestFields: additional }),
    ...(service_tier === 'standard_only' && { serviceTier: { type: 'default' } }),
  }
  return { ok: true, body, stream: stream === true, notices: rewriting.notices }
}

function turnToConverse(rewriting: Rewriting, turn: MessageParam, path: string): JsonObject {
  const { role, content, clear_at, output_config } = turn
  if (clear_at) failAt(rewriting, `${path}.clear_at`, hasNoCounterpart)
  if (output_config) failAt(rewriting, `${path}.output_config`, hasNoCounterpart)
  return { role, content: contentToConverse(rewriting, content, `${path}.content`) }
}

interface ToolFields {
  readonly toolConfig?: JsonObject
  readonly additional: JsonObject
}

/**
 * The provider's own tools, and tools with options that `toolSpec` lacks, are copied unchanged to
 * `additionalModelRequestFields.tools`, after the others.
 */
function toolsToConverse(
  rewriting: Rewriting,
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
): ToolFields {
  const specified = tools.flatMap((tool, index) => {
    if (!isSpecified(tool)) return []
    checkToolName(rewriting, tool.name, `tools.${index}.name`)
    const { name, description, input_schema, strict } = tool
    const toolSpec = {
      name,
      ...given('description', description),
      inputSchema: { json: input_schema },
      ...given('strict', strict),
    }
    return [{ toolSpec }, ...createCachePoint(tool.cache_control)]
  })
  const moved = tools.filter((tool) => !isSpecified(tool))
  const firstMoved = tools.findIndex((tool) => !isSpecified(tool))
  if (firstMoved >= 0 && tools.slice(firstMoved).some(isSpecified))
    rewriting.notices.push('tools that toolSpec cannot describe stand after the others')
  const toolChoice = specified.length > 0 ? toolChoiceToConverse(choice) : undefined
  return {
    ...(specified.length > 0 && { toolConfig: { tools: specified, ...given('toolChoice', toolChoice) } }),
    additional: {
      ...(moved.length > 0 && { tools: moved }),
      ...(choice && !toolChoice && { tool_choice: choice }),
    },
  }
}

const specifiable = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']

function isSpecified(tool: Tool): tool is CustomTool {
  const isCustom = (tool.type ?? 'custom') === 'custom'
  return (
    isCustom && Object.entries(tool).every(([name, value]) => value === null || specifiable.includes(name))
  )
}

/** Returns undefined for a choice without an equivalent: `none`, and `disable_parallel_tool_use`. */
function toolChoiceToConverse(choice: ToolChoice | undefined): JsonObject | undefined {
  if (!choice || choice.type === 'none' || choice.disable_parallel_tool_use !== undefined) return undefined
  return choice.type === 'tool' ? { tool: { name: choice.name } } : { [choice.type]: {} }
}

function outputToConverse(
  rewriting: Rewriting,
  { effort, format, ...others }: OutputConfig,
): {
  readonly outputConfig?: JsonObject
  readonly additional: JsonObject
} {
  const schema = format && printJson(format.schema)
  if (schema === null) failAt(rewriting, 'output_config.format.schema', 'It is nested too deep')
  const textFormat = format && {
    type: 'json_schema',
    structure: { jsonSchema: { schema } },
  }
  const outputConfig = { ...given('textFormat', textFormat), ...given('effort', effort) }
  return {
    ...(isFilled(outputConfig) && { outputConfig }),
    additional: isFilled(others) ? { output_config: others } : {},
  }
}

function isFilled(value: object): boolean {
  return Object.keys(value).length > 0
}
