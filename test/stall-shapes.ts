// Bodies of a given size in shapes that are expensive for a parser, for every protocol.

export const shapes = {
  numbers: (bytes: number) => list('1.5', bytes),
  long_numbers: (bytes: number) => list('12345678901234567890.5', bytes),
  nesting: (bytes: number) => `${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}`,
  shallow_nesting: (bytes: number) => list(`${'[{"a":'.repeat(100)}1${'}]'.repeat(100)}`, bytes),
  members: (bytes: number) => {
    const members: string[] = []
    for (let size = 2; size < bytes; size += 14)
      members.push(`"${String(members.length).padStart(8, 'm')}":1`)
    return `{${members.join(',')}}`
  },
  string: (bytes: number) => `"${'a plain text. '.repeat(bytes / 14)}"`,
  escapes: (bytes: number) => String.raw`"${String.raw`\n\u00e9\"`.repeat(bytes / 10)}"`,
  backslashes: (bytes: number) => `"${'\\\\'.repeat(bytes / 2)}"`,
  wide_text: (bytes: number) => `"${'é漢😀 '.repeat(bytes / 10)}"`,
  short_strings: (bytes: number) => list('"a"', bytes),
  /** As many values as the bound of a parsed body allows, or fewer. */
  most_numbers: (bytes: number) =>
    list('7'.repeat(Math.max(18, Math.floor(bytes / 145_000) - 1)), Math.min(bytes, 195_000 * 1_000)),
  blocks: (bytes: number) => list('{"type":"text","text":"a"}', bytes),
  converse_blocks: (bytes: number) => list('{"text":"a"}', bytes),
  empty_objects: (bytes: number) => list('{}', bytes),
} as const satisfies Record<string, (bytes: number) => string>

export type ShapeName = keyof typeof shapes

function list(item: string, bytes: number): string {
  const count = Math.max(1, Math.floor(bytes / (item.length + 1)))
  return `[${Array.from({ length: count }, () => item).join(',')}]`
}

/** A place in a request of a protocol that takes any JSON, so that its reader has to cross it. */
export interface Place {
  readonly path: string
  readonly body: (json: string) => string
}

const text = [{ role: 'user', content: 'hi' }]
const head = `"max_tokens":8,"messages":${JSON.stringify(text)}`
const model = 'claude-sonnet-4-5'
/** CountTokens takes no inference profile. */
const bedrockModel = '/model/anthropic.claude-sonnet-4-5-20250929-v1:0'
const bedrock = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929'
const converseText = '"messages":[{"role":"user","content":[{"text":"hi"}]}]'

export const places = {
  messages: { path: '/v1/messages', body: (json) => `{"model":"${model}",${head},"metadata":${json}}` },
  messages_content: {
    path: '/v1/messages',
    body: (json) => `{"model":"${model}","max_tokens":8,"messages":[{"role":"user","content":${json}}]}`,
  },
  messages_tools: { path: '/v1/messages', body: (json) => `{"model":"${model}",${head},"tools":${json}}` },
  count_tokens: {
    path: '/v1/messages/count_tokens',
    body: (json) =>
      `{"model":"${model}","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"a","input_schema":${json}}]}`,
  },
  openai: {
    path: '/v1/chat/completions',
    body: (json) =>
      `{"model":"${model}","max_tokens":8,"messages":${JSON.stringify(text)},"tools":[{"type":"function","function":{"name":"a","parameters":{"x":${json}}}}]}`,
  },
  openai_content: {
    path: '/v1/chat/completions',
    body: (json) => `{"model":"${model}","max_tokens":8,"messages":[{"role":"user","content":${json}}]}`,
  },
  invoke: {
    path: `${bedrock}/invoke`,
    body: (json) => `{"anthropic_version":"bedrock-2023-05-31",${head},"metadata":${json}}`,
  },
  converse: {
    path: `${bedrock}/converse`,
    body: (json) => `{${converseText},"additionalModelRequestFields":{"x":${json}}}`,
  },
  converse_content: {
    path: `${bedrock}/converse`,
    body: (json) => `{"messages":[{"role":"user","content":${json}}]}`,
  },
  bedrock_count: {
    path: `${bedrockModel}/count-tokens`,
    body: (json) => `{"input":{"converse":{${converseText},"additionalModelRequestFields":{"x":${json}}}}}`,
  },
  bedrock_count_invoke: {
    path: `${bedrockModel}/count-tokens`,
    body: (json) => {
      const invoke = `{"anthropic_version":"bedrock-2023-05-31",${head},"metadata":${json}}`
      return `{"input":{"invokeModel":{"body":"${Buffer.from(invoke).toString('base64')}"}}}`
    },
  },
  vertex: {
    path: `${vertex}:rawPredict`,
    body: (json) => `{"anthropic_version":"vertex-2023-10-16",${head},"metadata":${json}}`,
  },
  batches: {
    path: '/v1/messages/batches',
    body: (json) =>
      `{"requests":[{"custom_id":"a","params":{"model":"${model}",${head},"metadata":${json}}}]}`,
  },
} as const satisfies Record<string, Place>

export type PlaceName = keyof typeof places
