import { citation, citationSwitch } from './citation-shapes.ts'
import { codeResult, fetched, searched, toolSearched, viewed } from './result-shapes.ts'
import {
  boolean,
  freeObject,
  list,
  literal,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
  textOr,
} from './shape.ts'
import type { Member, Members, Shape, TaggedShape } from './shape.ts'

/**
 * Shapes of the content blocks of a request (docs.claude.com, api/messages, Nov 2025; `tool_reference`,
 * `tool_search_tool_result`, `advisor_tool_result`, `browser_state`, the tool changes and `caller` from SDK
 * 1.12, 2026).
 */
export const cacheControl: Member = orNull(
  tagged({ ephemeral: record({ type: required(text), ttl: optional(literal('5m', '1h')) }) }),
)
const type: Member = required(text)
const toolUseId: Shape = { kind: 'text', pattern: /^[a-zA-Z0-9_-]+$/ }
const serverToolUseId: Shape = { kind: 'text', pattern: /^srvtoolu_[a-zA-Z0-9_]+$/ }
const toolName: Shape = { kind: 'text', min: 1, max: 200 }

const block = (members: Members): Shape => record({ type, ...members, cache_control: cacheControl })

const url = record({ type, url: required(text) })
const file = record({ type, file_id: required(text) })

export const textBlock = block({ text: required(text), citations: orNull(list(citation)) })

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
  transformations: orNull(record({ oversized_image: optional(literal('downsize', 'error')) })),
})

const document = block({
  source: required(
    tagged({
      base64: record({ type, media_type: required(literal('application/pdf')), data: required(text) }),
      text: record({ type, media_type: required(literal('text/plain')), data: required(text) }),
      content: record({
        type,
        content: required(textOr(list(tagged({ text: textBlock, image })))),
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

const toolReference = block({ tool_name: required({ kind: 'text', min: 1, max: 256 }) })

const browserState = block({
  tabs: required(
    list(
      record({
        tab_id: required(text),
        title: required(text),
        url: required(text),
        active: optional(boolean),
      }),
    ),
  ),
  state_changes: orNull(list(freeObject)),
})

const toolResultContent = textOr(
  list(
    tagged({
      text: textBlock,
      image,
      search_result: searchResult,
      document,
      tool_reference: toolReference,
      browser_state: browserState,
    }),
  ),
)

const byCode = record({ type, tool_id: required(serverToolUseId) })
const caller = optional(
  tagged({ direct: record({ type }), code_execution_20250825: byCode, code_execution_20260120: byCode }),
)

const serverToolNames = [
  'web_search',
  'web_fetch',
  'code_execution',
  'bash_code_execution',
  'text_editor_code_execution',
  'tool_search_tool_regex',
  'tool_search_tool_bm25',
  'advisor',
] as const

const serverToolResult = (content: Shape): Shape =>
  block({ tool_use_id: required(serverToolUseId), content: required(content), caller })

const removable = {
  tool_reference: record({ type, name: required(toolName) }),
  mcp_tool_reference: record({ type, name: required(toolName), server_name: required(text) }),
  mcp_toolset_reference: record({ type, server_name: required(text) }),
}

/** Changes of the tools in mid-conversation. `tool-rules.ts` validates the definition, together with the tools. */
const toolChanges = {
  tool_addition: block({
    tool: required(
      tagged({ ...removable, tool_definition: record({ type, definition: required(freeObject) }) }),
    ),
  }),
  tool_removal: block({ tool: required(tagged(removable)) }),
}

export const inputBlock: TaggedShape = tagged({
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
    caller,
    toolset_name: orNull(text),
  }),
  tool_result: block({
    tool_use_id: required(toolUseId),
    content: optional(toolResultContent),
    is_error: optional(boolean),
    toolset_name: orNull(text),
  }),
  server_tool_use: block({
    id: required(serverToolUseId),
    name: required(literal(...serverToolNames)),
    input: required(freeObject),
    caller,
  }),
  web_search_tool_result: serverToolResult(searched),
  web_fetch_tool_result: serverToolResult(fetched(document)),
  code_execution_tool_result: serverToolResult(codeResult),
  bash_code_execution_tool_result: serverToolResult(codeResult),
  text_editor_code_execution_tool_result: serverToolResult(viewed),
  tool_search_tool_result: serverToolResult(toolSearched(toolReference)),
  advisor_tool_result: serverToolResult(freeObject),
  mcp_tool_use: block({
    id: required(toolUseId),
    name: required(toolName),
    server_name: required(text),
    input: required(freeObject),
  }),
  mcp_tool_result: block({
    tool_use_id: required(toolUseId),
    content: optional(textOr(list(textBlock))),
    is_error: optional(boolean),
  }),
  container_upload: block({ file_id: required(text) }),
  tool_reference: toolReference,
  ...toolChanges,
})
