import { cacheControl } from './block-shapes.ts'
import { citationSwitch } from './citation-shapes.ts'
import {
  boolean,
  freeObject,
  integer,
  list,
  literal,
  map,
  openRecord,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
} from './shape.ts'
import type { Member, Members, Shape, TaggedShape } from './shape.ts'
import { toolsetMembers } from './toolset-members.ts'

/**
 * Shapes of tools by `type` (docs.claude.com, agents-and-tools, Nov 2025; the types and members of 2026 from
 * SDK 1.12).
 */
const type: Member = required(text)
const callers = ['direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521']

/** Members of every tool since 2026. */
const everyTool: Members = {
  cache_control: cacheControl,
  strict: optional(boolean),
  defer_loading: optional(boolean),
  allowed_callers: optional(list(literal(...callers))),
}
const examples = { input_examples: optional(list(freeObject)) }

const custom = record({
  type: orNull(text),
  name: required({ kind: 'text', min: 1, pattern: /^[a-zA-Z0-9_-]{1,128}$/ }),
  description: optional(text),
  input_schema: required(openRecord({ type: required(literal('object')) })),
  ...everyTool,
  ...examples,
  eager_input_streaming: orNull(boolean),
})

/** A tool that the client runs, with a fixed name. */
const clientTool = (name: string, members: Members = {}): Shape =>
  record({ type, name: required(literal(name)), ...members, ...everyTool, ...examples })

/** A tool that the API runs. */
const serverTool = (name: string, members: Members = {}): Shape =>
  record({ type, name: required(literal(name)), ...members, ...everyTool })

const screen: Members = {
  display_width_px: required(integer(1)),
  display_height_px: required(integer(1)),
  display_number: orNull(integer(0)),
}

/** Pydantic's text for an exclusive bound. */
const positive = orNull({ kind: 'integer', min: 1, rangeText: 'Input should be greater than 0' })
const place = orNull({ kind: 'text', min: 1, max: 255 })
const web: Members = {
  max_uses: positive,
  allowed_domains: orNull(list(text)),
  blocked_domains: orNull(list(text)),
}
const search: Members = {
  ...web,
  user_location: orNull(
    tagged({
      approximate: record({
        type,
        city: place,
        region: place,
        country: orNull({ kind: 'text', min: 2, max: 2 }),
        timezone: place,
      }),
    }),
  ),
}
const named = list(record({ type: required(literal('tool_reference')), name: required(text) }))
const sourcesOfAll = { all: record({ type }), none: record({ type }) }
const sourcesOfTools = tagged({
  ...sourcesOfAll,
  only: record({ type, tools: required(named) }),
  except: record({ type, tools: required(named) }),
})
const fetch: Members = {
  ...web,
  citations: citationSwitch,
  max_content_tokens: positive,
  url_sources: orNull(
    record({
      user_input: optional(tagged(sourcesOfAll)),
      client_tool_results: optional(sourcesOfTools),
      server_tool_results: optional(sourcesOfTools),
    }),
  ),
}
const inclusion: Members = { response_inclusion: optional(literal('full', 'excluded')) }
const cached: Members = { use_cache: optional(boolean) }

const advisor = serverTool('advisor', {
  model: required({ kind: 'text', min: 1, max: 256 }),
  caching: cacheControl,
  max_tokens: positive,
  max_uses: positive,
})

const mcpTool = record({ enabled: optional(boolean), defer_loading: optional(boolean) })
const mcpToolset = record({
  type,
  mcp_server_name: required({ kind: 'text', min: 1, max: 255 }),
  default_config: optional(mcpTool),
  configs: orNull(map(mcpTool)),
  tools: orNull(
    list(record({ name: required(text), description: orNull(text), input_schema: required(freeObject) })),
  ),
  cache_control: cacheControl,
})

const toolsetMember = orNull(record({ enabled: orNull(boolean), defer_loading: orNull(boolean) }))

function toolset(members: readonly string[]): Shape {
  const configs = record(Object.fromEntries(members.map((name) => [name, toolsetMember])))
  return record({ type, configs: orNull(configs), cache_control: cacheControl })
}

const regexSearch = serverTool('tool_search_tool_regex')
const bm25Search = serverTool('tool_search_tool_bm25')
const newEditor = 'str_replace_based_edit_tool'

const byType = {
  custom,
  bash_20241022: clientTool('bash'),
  bash_20250124: clientTool('bash'),
  text_editor_20241022: clientTool('str_replace_editor'),
  text_editor_20250124: clientTool('str_replace_editor'),
  text_editor_20250429: clientTool(newEditor),
  text_editor_20250728: clientTool(newEditor, { max_characters: orNull(integer(1)) }),
  computer_20241022: clientTool('computer', screen),
  computer_20250124: clientTool('computer', screen),
  computer_20251124: clientTool('computer', { ...screen, enable_zoom: optional(boolean) }),
  memory_20250818: clientTool('memory'),
  web_search_20250305: serverTool('web_search', search),
  web_search_20260209: serverTool('web_search', search),
  web_search_20260318: serverTool('web_search', { ...search, ...inclusion }),
  web_fetch_20250910: serverTool('web_fetch', fetch),
  web_fetch_20260209: serverTool('web_fetch', fetch),
  web_fetch_20260309: serverTool('web_fetch', { ...fetch, ...cached }),
  web_fetch_20260318: serverTool('web_fetch', { ...fetch, ...cached, ...inclusion }),
  code_execution_20250522: serverTool('code_execution'),
  code_execution_20250825: serverTool('code_execution'),
  code_execution_20260120: serverTool('code_execution'),
  code_execution_20260521: serverTool('code_execution'),
  tool_search_tool_regex_20251119: regexSearch,
  tool_search_tool_regex: regexSearch,
  tool_search_tool_bm25_20251119: bm25Search,
  tool_search_tool_bm25: bm25Search,
  advisor_20260301: advisor,
  mcp_toolset: mcpToolset,
  computer_toolset_20260801: toolset(toolsetMembers.computer_toolset_20260801),
  browser_toolset_20260801: toolset(toolsetMembers.browser_toolset_20260801),
} as const satisfies Record<string, Shape>

/** All tool types; the catalog knows the types of each model. */
export const toolShape: TaggedShape = { kind: 'tagged', fallback: 'custom', cases: byType }

const parallel = { type, disable_parallel_tool_use: optional(boolean) }

export const toolChoiceShape: Shape = tagged({
  auto: record(parallel),
  any: record(parallel),
  tool: record({ ...parallel, name: required({ kind: 'text', min: 1 }) }),
  none: record({ type }),
})
