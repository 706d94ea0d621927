import type { CheckContext } from '../rule.ts'

/**
 * Features that deployments of Claude in Microsoft Foundry lack if they are hosted on Azure. The lists are those of "Claude in
 * Microsoft Foundry" (platform.claude.com, editions of June, September and October 2026). Structured outputs, the basic
 * versions of web search and web fetch, tool search and the MCP connector came on 2026-08-17
 * (devblogs.microsoft.com/foundry/five-new-claude-capabilities-now-available-in-foundry).
 */
const toolsNotOnAzure: readonly {
  /** The beginning of the tool types that need the feature. */
  readonly prefix: string
  readonly feature: string
  /** The beginning of those that work since that day. */
  readonly added?: string
}[] = [
  // Programmatic tool calling needs this tool too.
  { prefix: 'code_execution_', feature: 'code_execution' },
  { prefix: 'web_search_', feature: 'web_search', added: 'web_search_20250305' },
  { prefix: 'web_fetch_', feature: 'web_fetch', added: 'web_fetch_20250910' },
  { prefix: 'tool_search_tool_', feature: 'tool_search', added: 'tool_search_tool_' },
  { prefix: 'mcp_toolset', feature: 'mcp_connector', added: 'mcp_toolset' },
]

const addedOn = '2026-08-17'

/** The API's text for the first of the tool types that the hosting lacks. */
export function findToolNotOnAzure(types: readonly string[], where: CheckContext): string | null {
  if (where.hosting !== 'azure') return null
  for (const type of types) {
    const row = toolsNotOnAzure.find(({ prefix }) => type.startsWith(prefix))
    if (row === undefined) continue
    const { feature, added } = row
    if (added === undefined || isBeforeAddition(where) || !type.startsWith(added)) return unsupported(feature)
  }
  return null
}

/** The same for members of the body. `container` has skills, or is a container of code execution. */
export function findMemberNotOnAzure(members: readonly string[], where: CheckContext): string | null {
  if (where.hosting !== 'azure') return null
  if (members.includes('container')) return unsupported('skills')
  return members.includes('mcp_servers') && isBeforeAddition(where) ? unsupported('mcp_connector') : null
}

export function findSourceNotOnAzure(types: readonly string[], { hosting }: CheckContext): string | null {
  const needsFiles = types.some((type) => type === 'file' || type === 'container_upload')
  return hosting === 'azure' && needsFiles ? unsupportedFiles : null
}

export function findSchemaNotOnAzure(where: CheckContext): string | null {
  return where.hosting === 'azure' && isBeforeAddition(where) ? unsupported('structured_outputs') : null
}

function isBeforeAddition({ today }: CheckContext): boolean {
  return today < addedOn
}

/**
 * The text for structured outputs is from github.com/can1357/oh-my-pi/issues/4679, July 2026. Claude Code reads the name
 * of the feature in it, and goes on without it. The names of other features are inferred.
 */
function unsupported(feature: string): string {
  return `${feature} not supported in your workspace.`
}

/** The error of the Files API, and of messages that name files, on deployments hosted on Azure. */
export const unsupportedFiles = unsupported('files_api')
