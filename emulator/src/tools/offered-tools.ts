import { isRecord } from '@anthology/wire'
import type { MessagesRequest, Tool } from '@anthology/wire'

/** A tool that the model has at the end of a conversation. */
export interface OfferedTool {
  readonly tool: Tool
  /** The conversation has added it, so the model knows it even if it is deferred. */
  readonly isAdded: boolean
}

/**
 * Lists the tools of a request after the changes of its `system` entries, in order: an addition has a definition, or the
 * name of one of the request's tools; a removal has a name (beta mid-conversation-tool-changes-2026-07-01, types of
 * @anthropic-ai/sdk 1.12.0). Changes of MCP servers have no effect here.
 */
export function listOfferedTools({
  tools = [],
  messages,
}: Pick<MessagesRequest, 'tools' | 'messages'>): readonly OfferedTool[] {
  const given = new Map(tools.map((tool) => [tool.name, tool]))
  // A toolset has no name.
  const offered = new Map<unknown, OfferedTool>(
    tools.map((tool) => [tool.name ?? tool, { tool, isAdded: false }]),
  )
  for (const { role, content } of messages) {
    if (role !== 'system' || typeof content === 'string') continue
    for (const block of content) {
      if (block.type !== 'tool_addition' && block.type !== 'tool_removal') continue
      const { type, name, definition } = block.tool
      if (type === 'tool_definition' && isRecord(definition)) {
        // The schema of the request has validated it like the tools.
        const tool = definition as unknown as Tool
        offered.set(tool.name, { tool, isAdded: true })
      } else if (type === 'tool_reference') {
        const tool = block.type === 'tool_addition' ? given.get(String(name)) : undefined
        if (tool === undefined) offered.delete(name)
        else offered.set(name, { tool, isAdded: true })
      }
    }
  }
  return [...offered.values()]
}
