import { isRecord } from '../body/json-value.ts'
import type { InputBlock } from './content-block.ts'
import type { MessagesRequest } from './request.ts'
import { getToolSchemaText, isDraft2020Schema } from './schema-draft.ts'
import { findSchemaSubsetProblem } from './schema-subset.ts'
import { findProblem } from './shape.ts'
import type { Problem } from './shape.ts'
import { toolShape } from './tool-shapes.ts'
import type { Tool } from './tool.ts'

/**
 * Checks the tools of a request against each other and against the rest of the request (docs.claude.com,
 * agents-and-tools, Nov 2025, and platform.claude.com, 2026: tool search, MCP connector, strict tool use;
 * texts from these pages and from public issue reports).
 */
export function findToolProblem(request: MessagesRequest, asOf?: string): Problem | null {
  const { tools = [] } = request
  return (
    findDuplicate(tools) ??
    findEach(tools, findDomainProblem) ??
    findEach(tools, (tool, path) => findInputSchemaProblem(tool, path, asOf)) ??
    findDeferredProblem(tools) ??
    findServerProblem(request) ??
    findChoiceProblem(request) ??
    findAdditionProblem(request, asOf) ??
    findReferenceProblem(request)
  )
}

function findEach(
  tools: readonly Tool[],
  find: (tool: Tool, path: string) => Problem | null,
): Problem | null {
  for (const [index, tool] of tools.entries()) {
    const problem = find(tool, `tools.${index}.${tool.type ?? 'custom'}`)
    if (problem) return problem
  }
  return null
}

function findDuplicate(tools: readonly Tool[]): Problem | null {
  const names = tools.flatMap(({ name }) => name ?? [])
  return new Set(names).size < names.length ? { path: 'tools', message: 'Tool names must be unique.' } : null
}

function findDomainProblem(tool: Tool, path: string): Problem | null {
  const lists = ['allowed_domains', 'blocked_domains'].filter((name) => Array.isArray(getMember(tool, name)))
  if (lists.length === 2)
    return { path, message: 'Only one of allowed_domains or blocked_domains may be set.' }
  const [name] = lists
  if (name === undefined || computeSize(getMember(tool, name)) > 0) return null
  const message = 'Empty list of domains is ambiguous. Provide at least one domain or null.'
  return { path: `${path}.${name}`, message }
}

function findInputSchemaProblem(tool: object, path: string, asOf: string | undefined): Problem | null {
  const schema = getMember(tool, 'input_schema')
  if (!isRecord(schema)) return null
  if (['oneOf', 'allOf', 'anyOf'].some((name) => Object.hasOwn(schema, name))) {
    const message = 'input_schema does not support oneOf, allOf, or anyOf at the top level'
    return { path: `${path}.input_schema`, message }
  }
  if (isRecord(schema['properties']) && !Object.keys(schema['properties']).every(isPropertyKey)) {
    const message = `Property keys should match pattern '${propertyKey.source}'`
    return { path: `${path}.input_schema.properties`, message }
  }
  if (!isDraft2020Schema(schema)) return { path: `${path}.input_schema`, message: getToolSchemaText(asOf) }
  const message = getMember(tool, 'strict') === true ? findSchemaSubsetProblem(schema) : null
  return message === null ? null : { path, message }
}

/** The API checks only the outermost properties (public issue reports of 2026). */
const propertyKey = /^[a-zA-Z0-9_.-]{1,64}$/

function isPropertyKey(key: string): boolean {
  return propertyKey.test(key)
}

function findDeferredProblem(tools: readonly Tool[]): Problem | null {
  const deferred = tools.filter(isDeferred)
  const marked = deferred.find((tool) => tool.cache_control)
  if (marked) {
    const message =
      `Tool '${marked.name ?? ''}' cannot have both defer_loading=true and cache_control set. ` +
      'Tools with defer_loading cannot use prompt caching.'
    return { path: '', message }
  }
  return deferred.length > 0 && deferred.length === tools.length
    ? { path: '', message: 'All tools have defer_loading set. At least one tool must be non-deferred.' }
    : null
}

function isDeferred(tool: Tool): boolean {
  return getMember(tool, 'defer_loading') === true
}

/** MCP server names must be unique, and each `mcp_toolset` needs a server of its own; the texts are inferred. */
function findServerProblem({ tools = [], mcp_servers: servers = [] }: MessagesRequest): Problem | null {
  const names = servers.map(({ name }) => name)
  if (new Set(names).size < names.length)
    return { path: 'mcp_servers', message: 'MCP server names must be unique.' }
  const sets = tools
    .filter(({ type }) => type === 'mcp_toolset')
    .map((tool) => String(getMember(tool, 'mcp_server_name')))
  const unknown = sets.find((name) => !names.includes(name))
  if (unknown !== undefined)
    return { path: 'tools', message: `MCP server '${unknown}' not found in mcp_servers` }
  return new Set(sets).size < sets.length
    ? { path: 'tools', message: 'Each MCP server may be referenced by only one mcp_toolset.' }
    : null
}

function findChoiceProblem({ tools = [], tool_choice: choice }: MessagesRequest): Problem | null {
  if (!choice || choice.type === 'none') return null
  if (choice.type !== 'tool') {
    const message = `tool_choice.${choice.type} may only be specified while providing tools`
    return tools.length === 0 ? { path: '', message } : null
  }
  return tools.some(({ name }) => name === choice.name)
    ? null
    : { path: '', message: `Tool '${choice.name}' not found in provided tools` }
}

/** A tool that a search found must be among the tools, or the model could not call it. */
function findReferenceProblem({ tools = [], messages }: MessagesRequest): Problem | null {
  // Only the MCP server knows its tools.
  if (tools.some(({ type }) => type === 'mcp_toolset')) return null
  const names = new Set<unknown>([...tools.map(({ name }) => name), ...addedNames(messages)])
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    for (const name of content.flatMap(listReferences))
      if (!names.has(name))
        return { path: '', message: `Tool reference '${name}' has no corresponding tool definition` }
  }
  return null
}

/** The definition of a tool added in mid-conversation has the same rules as those in `tools`. */
function findAdditionProblem({ messages }: MessagesRequest, asOf: string | undefined): Problem | null {
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'system' || typeof content === 'string') continue
    for (const [position, block] of content.entries()) {
      if (block.type !== 'tool_addition' || block.tool['type'] !== 'tool_definition') continue
      const path = `messages.${index}.content.${position}.tool_addition.tool.tool_definition.definition`
      const definition = block.tool['definition']
      const problem = findProblem(definition, toolShape, path)
      if (problem) return problem
      const broken = isRecord(definition) ? findInputSchemaProblem(definition, `${path}.custom`, asOf) : null
      if (broken) return broken
    }
  }
  return null
}

/** The names of tools that `system` entries add. */
function addedNames(messages: MessagesRequest['messages']): readonly unknown[] {
  return messages.flatMap(({ role, content }) =>
    role !== 'system' || typeof content === 'string'
      ? []
      : content.flatMap((block) =>
          block.type === 'tool_addition' && isRecord(block.tool['definition'])
            ? block.tool['definition']['name']
            : [],
        ),
  )
}

function listReferences(block: InputBlock): readonly string[] {
  if (block.type === 'tool_reference') return [block.tool_name]
  if (block.type !== 'tool_result' || typeof block.content === 'string') return []
  return (block.content ?? []).flatMap((part) => (part.type === 'tool_reference' ? part.tool_name : []))
}

/** Reads a member that only some tools have; the shapes have validated its value. */
function getMember(tool: object, name: string): unknown {
  const members: Readonly<Record<string, unknown>> = { ...tool }
  return members[name]
}

function computeSize(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
