import type { RequestBody } from '../create-request.ts'
import { Base64Bytes } from './literals.ts'
import { printValue, toList, toMembers } from '../members.ts'
import type { Members } from '../members.ts'
import { catchNoCounterpart, given, NoCounterpart } from './counterpart.ts'
import type { Translated } from './counterpart.ts'

/** Writes a request of the Messages API in AWS's format Converse, without the model, which is no part of its body. */
export function createConverse(body: RequestBody, betas: readonly string[]): Translated {
  return catchNoCounterpart(() => translate(body, betas))
}

/** The mapping of docs/converse.md. Members without a counterpart are `additionalModelRequestFields`. */
function translate(body: RequestBody, betas: readonly string[]): Members {
  const { model: _model, stream: _stream, system, messages, tools, tool_choice, ...rest } = body
  const { max_tokens, temperature, top_p, stop_sequences, output_config, ...others } = rest
  const { toolConfig, additional } = createTools(toList(tools), tool_choice)
  const { effort, format, ...config } = toMembers(output_config)
  const schema = toMembers(format)['schema']
  const inference = {
    ...given('maxTokens', max_tokens),
    ...given('temperature', temperature),
    ...given('topP', top_p),
    ...given('stopSequences', stop_sequences),
  }
  const outputConfig = {
    ...(schema !== undefined && {
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(schema) } } },
    }),
    ...given('effort', effort),
  }
  const fields = {
    ...others,
    ...additional,
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...(betas.length > 0 && { anthropic_beta: betas }),
  }
  const names = { documents: 0 }
  return {
    ...(system !== undefined && { system: createSystem(system) }),
    messages: toList(messages).map((turn) => createTurn(toMembers(turn), names)),
    ...filled('inferenceConfig', inference),
    ...given('toolConfig', toolConfig),
    ...filled('outputConfig', outputConfig),
    ...filled('additionalModelRequestFields', fields),
  }
}

/** Documents need names that differ. */
interface Names {
  documents: number
}

function filled(name: string, members: Members): Members {
  return Object.keys(members).length > 0 ? { [name]: members } : {}
}

function createSystem(system: unknown): readonly Members[] {
  if (typeof system === 'string') return [{ text: system }]
  return toList(system)
    .map(toMembers)
    .flatMap(({ text, cache_control }) => [{ text }, ...createCachePoint(cache_control)])
}

function createTurn({ role, content }: Members, names: Names): Members {
  const blocks = toList(content).map(toMembers)
  return {
    role,
    content: blocks.flatMap((block) => [
      createBlock(block, names),
      ...createCachePoint(block['cache_control']),
    ]),
  }
}

function createCachePoint(mark: unknown): readonly Members[] {
  if (mark === undefined || mark === null) return []
  return [{ cachePoint: { type: 'default', ...given('ttl', toMembers(mark)['ttl']) } }]
}

function createBlock(block: Members, names: Names): Members {
  switch (block['type']) {
    case 'text':
      return { text: block['text'] }
    case 'image':
    case 'document':
      return createMedia(block, names)
    case 'tool_use':
      return { toolUse: { toolUseId: block['id'], name: block['name'], input: block['input'] ?? {} } }
    case 'tool_result': {
      const { tool_use_id: toolUseId, content, is_error } = block
      const parts = typeof content === 'string' ? [{ text: content }] : toList(content).map(createPart)
      const status = is_error === true ? { status: 'error' } : {}
      return { toolResult: { toolUseId, content: parts, ...status } }
    }
    case 'thinking':
      return {
        reasoningContent: { reasoningText: { text: block['thinking'], signature: block['signature'] } },
      }
    case 'redacted_thinking':
      return { reasoningContent: { redactedContent: new Base64Bytes(printValue(block['data'])) } }
    default:
      throw new NoCounterpart(printValue(block['type']))
  }

  function createPart(part: unknown): Members {
    return createBlock(toMembers(part), names)
  }
}

function createMedia({ type, source }: Members, names: Names): Members {
  const { type: kind, media_type, data } = toMembers(source)
  if (kind !== 'base64') throw new NoCounterpart(`${printValue(type)} (${printValue(kind)})`)
  const bytes = { source: { bytes: new Base64Bytes(printValue(data)) } }
  const [, format = ''] = printValue(media_type).split('/')
  if (type === 'image') return { image: { format, ...bytes } }
  names.documents += 1
  return { document: { format, name: `document-${names.documents}`, ...bytes } }
}

/** Tools that `toolSpec` cannot describe, and choices that Converse lacks, stay as they are beside it. */
function createTools(
  tools: readonly unknown[],
  choice: unknown,
): { readonly toolConfig?: Members; readonly additional: Members } {
  const specified = tools.filter(isSpecified).map(toMembers)
  const moved = tools.filter((tool) => !isSpecified(tool))
  const toolChoice = specified.length > 0 ? createChoice(toMembers(choice)) : undefined
  const list = specified.flatMap(({ name, description, input_schema, strict, cache_control }) => [
    {
      toolSpec: {
        name,
        ...given('description', description),
        inputSchema: { json: input_schema },
        ...given('strict', strict),
      },
    },
    ...createCachePoint(cache_control),
  ])
  return {
    ...(list.length > 0 && { toolConfig: { tools: list, ...given('toolChoice', toolChoice) } }),
    additional: {
      ...(moved.length > 0 && { tools: moved }),
      ...(choice !== undefined && toolChoice === undefined && { tool_choice: choice }),
    },
  }
}

const specifiable = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']

function isSpecified(tool: unknown): boolean {
  const { type = 'custom', ...others } = toMembers(tool)
  return type === 'custom' && Object.keys(others).every((name) => specifiable.includes(name))
}

function createChoice({ type, name, ...others }: Members): Members | undefined {
  if (Object.keys(others).length > 0) return undefined
  if (type === 'tool') return { tool: { name } }
  return type === 'auto' || type === 'any' ? { [type]: {} } : undefined
}
