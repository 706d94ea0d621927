import {
  anything,
  boolean,
  freeObject,
  list,
  literal,
  openRecord,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
} from './shape.ts'
import type { Member, Members, Shape } from './shape.ts'

/**
 * Shapes of the blocks a request may contain (docs.claude.com, api/messages, Nov 2025;
 * `tool_reference`, `tool_search_tool_result` and `caller` from SDK 1.12, 2026).
 */
const cacheControl = orNull(
  tagged({ ephemeral: record({ type: required(text), ttl: optional(literal('5m', '1h')) }) }),
)
const type: Member = required(text)
const toolUseId: Shape = { kind: 'text', pattern: /^[a-zA-Z0-9_-]+$/ }
const serverToolUseId: Shape = { kind: 'text', pattern: /^srvtoolu_[a-zA-Z0-9_]+$/ }
const toolName: Shape = { kind: 'text', min: 1, max: 200 }

const block = (members: Members): Shape => record({ type, ...members, cache_control: cacheControl })

/** Members that the service itself wrote go back as they came, so they are not looked into. */
const citations = orNull(list(openRecord({ type })))
const citationSwitch = orNull(record({ enabled: optional(boolean) }))

const url = record({ type, url: required(text) })
const file = record({ type, file_id: required(text) })

export const textBlock = block({ text: required(text), citations })

const image = block({
  source: required(
    tagged({
      base64: record({
        type,
        media_type: required(literal('image/jpeg', 'image/png', 'image/gif', 'image/webp')),
        data: required(text),
      }),
      url,
      file,
    }),
  ),
})

const document = block({
  source: required(
    tagged({
      base64: record({ type, media_type: required(literal('application/pdf')), data: required(text) }),
      text: record({ type, media_type: required(literal('text/plain')), data: required(text) }),
      content: record({
        type,
        content: required({ kind: 'text_or_list', text, list: list(tagged({ text: textBlock, image })) }),
      }),
      url,
      file,
    }),
  ),
  title: orNull({ kind: 'text', min: 1, max: 500 }),
  context: orNull({ kind: 'text', min: 1 }),
  citations: citationSwitch,
})

const searchResult = block({
  source: required(text),
  title: required(text),
  content: required(list(textBlock)),
  citations: citationSwitch,
})

const toolReference = block({ tool_name: required(text) })

const toolResultContent: Shape = {
  kind: 'text_or_list',
  text,
  list: list(
    tagged({
      text: textBlock,
      image,
      search_result: searchResult,
      document,
      tool_reference: toolReference,
    }),
  ),
}

const serverToolResult = block({
  tool_use_id: required(serverToolUseId),
  content: required(anything),
  caller: orNull(freeObject),
})

export const inputBlock = tagged({
  text: textBlock,
  image,
  document,
  search_result: searchResult,
  thinking: record({ type, thinking: required(text), signature: required(text) }),
  redacted_thinking: record({ type, data: required(text) }),
  tool_use: block({
    id: required(toolUseId),
    name: required(toolName),
    input: required(freeObject),
    caller: orNull(freeObject),
  }),
  tool_result: block({
    tool_use_id: required(toolUseId),
    content: optional(toolResultContent),
    is_error: optional(boolean),
  }),
  server_tool_use: block({
    id: required(serverToolUseId),
    name: required(toolName),
    input: required(freeObject),
    caller: orNull(freeObject),
  }),
  web_search_tool_result: serverToolResult,
  web_fetch_tool_result: serverToolResult,
  code_execution_tool_result: serverToolResult,
  bash_code_execution_tool_result: serverToolResult,
  text_editor_code_execution_tool_result: serverToolResult,
  tool_search_tool_result: serverToolResult,
  mcp_tool_use: block({
    id: required(toolUseId),
    name: required(toolName),
    server_name: required(text),
    input: required(freeObject),
  }),
  mcp_tool_result: block({
    tool_use_id: required(toolUseId),
    content: optional({ kind: 'text_or_list', text, list: list(textBlock) }),
    is_error: optional(boolean),
  }),
  container_upload: block({ file_id: required(text) }),
  tool_reference: toolReference,
})

export { cacheControl }
