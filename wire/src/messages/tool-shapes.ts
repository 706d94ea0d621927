import { cacheControl } from './block-shapes.ts'
import {
  anything,
  boolean,
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
import type { Shape } from './shape.ts'

/**
 * Tools by their `type` (docs.claude.com, agents-and-tools, Nov 2025; the 2026 types from SDK 1.12).
 * The service's own tools are checked for their fixed name only; their options vary by version.
 */
const providerToolNames = {
  bash_20241022: 'bash',
  bash_20250124: 'bash',
  text_editor_20241022: 'str_replace_editor',
  text_editor_20250124: 'str_replace_editor',
  text_editor_20250429: 'str_replace_based_edit_tool',
  text_editor_20250728: 'str_replace_based_edit_tool',
  computer_20241022: 'computer',
  computer_20250124: 'computer',
  computer_20251124: 'computer',
  web_search_20250305: 'web_search',
  web_search_20260209: 'web_search',
  web_search_20260318: 'web_search',
  web_fetch_20250910: 'web_fetch',
  web_fetch_20260209: 'web_fetch',
  web_fetch_20260309: 'web_fetch',
  web_fetch_20260318: 'web_fetch',
  code_execution_20250522: 'code_execution',
  code_execution_20250825: 'code_execution',
  code_execution_20260120: 'code_execution',
  code_execution_20260521: 'code_execution',
  memory_20250818: 'memory',
  tool_search_tool_regex_20251119: 'tool_search_tool_regex',
  tool_search_tool_bm25_20251119: 'tool_search_tool_bm25',
} as const

/** Types whose name is not published as fixed: any members pass. */
const openToolTypes = ['computer_toolset_20260801', 'browser_toolset_20260801', 'mcp_toolset'] as const

const custom = record({
  type: orNull(text),
  name: required({ kind: 'text', pattern: /^[a-zA-Z0-9_-]{1,128}$/ }),
  description: optional(text),
  input_schema: required(openRecord({ type: required(literal('object')) })),
  cache_control: cacheControl,
  strict: orNull(boolean),
  defer_loading: orNull(boolean),
  allowed_callers: orNull(list(text)),
  input_examples: orNull(list(anything)),
  eager_input_streaming: orNull(boolean),
})

export const toolShape: Shape = {
  kind: 'tagged',
  fallback: 'custom',
  cases: {
    custom,
    ...Object.fromEntries(
      Object.entries(providerToolNames).map(([type, name]) => [type, providerTool(name)]),
    ),
    ...Object.fromEntries(openToolTypes.map((type) => [type, openRecord({ type: required(text) })])),
  },
}

const parallel = { type: required(text), disable_parallel_tool_use: optional(boolean) }

export const toolChoiceShape: Shape = tagged({
  auto: record(parallel),
  any: record(parallel),
  tool: record({ ...parallel, name: required({ kind: 'text', min: 1 }) }),
  none: record({ type: required(text) }),
})

function providerTool(name: string): Shape {
  return openRecord({ type: required(text), name: required(literal(name)), cache_control: cacheControl })
}
