import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { contentToMessages, markLast, systemToMessages } from './block-to-messages.ts'
import { parseExactJson } from './exact-json.ts'
import { readSmithyShape } from './smithy-shape.ts'
import { inferredTexts, observedTexts } from './problem.ts'
import type { ConverseProblem } from './problem.ts'
import { converseRequest } from './service-model.ts'
import type { ConverseRequest, ConverseToolConfig } from './request.ts'
import { checkToolTurns } from './tool-turns.ts'
import { beginTranslation, notice, fail } from './translation.ts'
import type { Translation } from './translation.ts'

export interface ConverseOptions {
  readonly model: string
  /** Converse makes the limit optional; Bedrock then uses the model's maximum. */
  readonly defaultMaxTokens: number
  /** True for ConverseStream. */
  readonly stream?: boolean
}

export type TranslatedConverse =
  | {
      readonly ok: true
      /** A body for the Messages API, not yet validated. */
      readonly body: JsonObject
      readonly betas: readonly string[]
      /** Members without effect, and deviations from Bedrock's behavior. */
      readonly notices: readonly string[]
      /** The JSON pointers for `additionalModelResponseFields`. */
      readonly responsePaths: readonly string[]
      /** The number of documents in the conversation. */
      readonly documents: number
      /** The tier that is used, if the request names one. */
      readonly serviceTier?: 'default'
    }
  | { readonly ok: false; readonly problem: ConverseProblem }

/**
 * Translates a Converse request to a Messages request, or returns AWS's error for an invalid one. The mapping
 * is in `field-table.ts`.
 */
export function converseToMessages(body: unknown, options: ConverseOptions): TranslatedConverse {
  const reading = readSmithyShape(body, converseRequest)
  if (!reading.ok) return reading
  if (!isRequest(reading.value)) throw new TypeError('a request that was read is an object')
  const request = reading.value
  const translation = beginTranslation(reading.notices)
  failUnsupported(translation, request)
  const own: JsonObject = {
    ...commonToMessages(translation, request),
    ...inferenceToMessages(request),
    ...outputToMessages(translation, request),
  }
  const { merged, betas } = mergeAdditional(translation, own, request.additionalModelRequestFields ?? {})
  checkTools(translation, request, merged)
  // In a stream the head is already sent when these blocks arrive, too late for a notice.
  if (options.stream === true && runsOnServer(merged))
    notice(translation, 'Converse has no blocks for tools of the server; they are left out of the answer')
  const responsePaths = request.additionalModelResponseFieldPaths ?? []
  const broken = responsePaths.findIndex((path) => !path.startsWith('/'))
  if (broken >= 0)
    fail(translation, inferredTexts.responsePath(['additionalModelResponseFieldPaths', broken]))
  if (translation.problem) return { ok: false, problem: translation.problem }
  return {
    ok: true,
    body: {
      model: options.model,
      ...(merged['max_tokens'] === undefined && { max_tokens: options.defaultMaxTokens }),
      ...merged,
      ...(options.stream === true && { stream: true }),
    },
    betas,
    notices: translation.notices,
    responsePaths,
    documents: translation.documentNames.size,
    ...(request.serviceTier && { serviceTier: 'default' }),
  }
}

function inferenceToMessages({ inferenceConfig = {} }: ConverseRequest): JsonObject {
  const { maxTokens, temperature, topP, stopSequences } = inferenceConfig
  return {
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stopSequences && { stop_sequences: stopSequences }),
  }
}

function outputToMessages(translation: Translation, { outputConfig }: ConverseRequest): JsonObject {
  const output = outputConfig && outputConfigToMessages(translation, outputConfig)
  return output && Object.keys(output).length > 0 ? { output_config: output } : {}
}

/** The part that Converse and CountTokens share: conversation, system prompt and tools. */
export function commonToMessages(translation: Translation, request: ConverseRequest): JsonObject {
  const { messages, system, toolConfig } = request
  const [first] = messages
  if (!first || first.role === 'assistant') fail(translation, observedTexts.startsWithUser())
  const turns = messages.map(({ role, content }, index) => {
    const path = ['messages', index]
    if (content.length === 0) fail(translation, observedTexts.emptyMessage(path))
    return { role, content: contentToMessages(translation, content, [...path, 'content']) }
  })
  // "API restrictions" of the Amazon Bedrock guide (2026), which has no such limit for images.
  if (translation.documentNames.size > maxConverseDocuments)
    notice(translation, `Bedrock takes at most ${maxConverseDocuments} documents in a request`)
  return {
    messages: turns,
    ...(system && system.length > 0 && { system: systemToMessages(translation, system) }),
    ...(toolConfig && toolConfigToMessages(translation, toolConfig)),
  }
}

/** Bedrock rejects a request with more. */
export const maxConverseDocuments = 5

/** Tool calls and results require tools, and each other. */
export function checkTools(translation: Translation, request: ConverseRequest, body: JsonObject): void {
  if (translation.usesTools && !request.toolConfig && body['tools'] === undefined)
    fail(translation, observedTexts.noToolConfig())
  checkToolTurns(translation, request.messages)
}

/** True if the model may use tools that the upstream runs, which Bedrock does not offer. */
function runsOnServer({ tools, mcp_servers: servers }: JsonObject): boolean {
  const types = Array.isArray(tools) ? tools.map((tool: unknown) => isRecord(tool) && tool['type']) : []
  return servers !== undefined || types.some((type) => typeof type === 'string' && serverTool.test(type))
}

const serverTool = /^(?:web_search|web_fetch|code_execution|tool_search_tool|advisor)_|^mcp_toolset$/

function failUnsupported(translation: Translation, request: ConverseRequest): void {
  if (request.guardrailConfig) fail(translation, observedTexts.unsupported(['guardrailConfig']))
  if (request.promptVariables) fail(translation, observedTexts.unsupported(['promptVariables']))
  if (request.performanceConfig?.latency === 'optimized')
    fail(translation, observedTexts.unsupported(['performanceConfig', 'latency']))
  const tier = request.serviceTier?.type
  if (tier !== undefined && tier !== 'default')
    notice(translation, `serviceTier ${tier} has no counterpart; the default tier serves`)
  if (request.requestMetadata) notice(translation, 'requestMetadata is not kept')
}

function toolConfigToMessages(
  translation: Translation,
  { tools, toolChoice }: ConverseToolConfig,
): JsonObject {
  const written: JsonObject[] = []
  for (const [index, { toolSpec, systemTool, cachePoint }] of tools.entries()) {
    if (cachePoint) markLast(translation, written, cachePoint)
    if (systemTool) fail(translation, observedTexts.unsupported(['toolConfig', 'tools', index, 'systemTool']))
    if (!toolSpec) continue
    const { name, description, inputSchema, strict } = toolSpec
    const path = ['toolConfig', 'tools', index, 'toolSpec', 'inputSchema', 'json', 'type']
    if (inputSchema.json['type'] !== 'object') fail(translation, observedTexts.notOneOf(path, ['object']))
    written.push({
      name,
      ...(description !== undefined && { description }),
      input_schema: inputSchema.json,
      ...(strict !== undefined && { strict }),
    })
  }
  return { tools: written, ...(toolChoice && { tool_choice: toolChoiceToMessages(toolChoice) }) }
}

function toolChoiceToMessages(choice: NonNullable<ConverseToolConfig['toolChoice']>): JsonObject {
  if (choice.tool) return { type: 'tool', name: choice.tool.name }
  return choice.any ? { type: 'any' } : { type: 'auto' }
}

function outputConfigToMessages(
  translation: Translation,
  { textFormat, effort }: NonNullable<ConverseRequest['outputConfig']>,
): JsonObject {
  const path = ['outputConfig', 'textFormat', 'structure', 'jsonSchema']
  const given = textFormat?.structure.jsonSchema
  const schema = given && parseExactJson(given.schema)
  if (given && !isRecord(schema)) fail(translation, inferredTexts.schemaText([...path, 'schema']))
  if (given?.name !== undefined || given?.description !== undefined)
    notice(translation, 'the name and the description of a JSON schema are not shown to the model')
  return {
    ...(effort !== undefined && { effort }),
    ...(given && { format: { type: 'json_schema', schema } }),
  }
}

/**
 * Merges `additionalModelRequestFields` into the body. A member that Converse has already set is rejected,
 * except for two that clients send in both places: further tools are appended to those of `toolConfig` (the
 * computer use example of the user guide), and `output_config` is merged by member.
 */
export function mergeAdditional(
  translation: Translation,
  own: JsonObject,
  additional: JsonObject,
): { readonly merged: JsonObject; readonly betas: readonly string[] } {
  const { anthropic_beta: given, ...others } = additional
  const fields = nameThinking(translation, others)
  const betas = readBetas(given)
  if (!betas) fail(translation, inferredTexts.betas())
  const joined: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    const known = Object.hasOwn(own, name) ? own[name] : undefined
    if (name === 'tools' && Array.isArray(known) && Array.isArray(value)) {
      joined['tools'] = [...known, ...value]
    } else if (name === 'output_config' && isRecord(known) && isRecord(value)) {
      const twice = Object.keys(value).find((member) => Object.hasOwn(known, member))
      if (twice !== undefined) fail(translation, observedTexts.additionalField(`output_config.${twice}`))
      joined['output_config'] = { ...known, ...value }
    } else if (known !== undefined || reserved.has(name)) {
      fail(translation, observedTexts.additionalField(name.slice(0, maxEchoLength)))
    }
  }
  return { merged: { ...own, ...fields, ...joined }, betas: betas ?? [] }
}

/**
 * AWS's examples and its SDKs' documentation also call `thinking` by another name, which Bedrock accepts
 * (vercel/ai issue 4977, JetBrains/koog issue 1188).
 */
function nameThinking(translation: Translation, fields: JsonObject): JsonObject {
  const { reasoning_config: thinking, ...others } = fields
  if (thinking === undefined) return fields
  if (others['thinking'] !== undefined) fail(translation, observedTexts.additionalField('reasoning_config'))
  notice(translation, 'additionalModelRequestFields.reasoning_config is the same as thinking')
  return { ...others, thinking }
}

/** Members that the request path or Converse itself sets. */
const reserved: ReadonlySet<string> = new Set(['model', 'stream', 'messages', 'anthropic_version'])
/** The maximum length of a client's name in an error message. */
const maxEchoLength = 100

function readBetas(given: unknown): readonly string[] | null {
  if (given === undefined || given === null) return []
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const betas = list.filter((beta) => typeof beta === 'string')
  return betas.length === list.length ? betas : null
}

/** Narrows a body that `readSmithyShape` has read. */
function isRequest(value: unknown): value is ConverseRequest {
  return isRecord(value)
}
