import type { InputBlock } from './content-block.ts'
import type { MessageParam } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Every use of one of the API's own tools must have its result in the same assistant turn or a later one
 * (docs.claude.com, agents-and-tools/tool-use/server-tools, 2025 and 2026; texts from public issue reports).
 * A use may lack its result at the end of the conversation, which is how a paused turn is continued, and as
 * long as the user only returns results of client tools that were called beside it.
 */
export function findServerPairingProblem(messages: readonly MessageParam[]): Problem | null {
  const open = new Map<string, OpenUse>()
  const begun = new Map<string, OpenUse>()
  for (const [index, message] of messages.entries()) {
    if (message.role === 'user') {
      const [unanswered] = open.values()
      if (unanswered && speaks(message)) return describeOpen(unanswered)
    }
    if (message.role !== 'assistant' || typeof message.content === 'string') continue
    for (const [position, block] of message.content.entries()) {
      const use = findUse(block, index)
      if (use) {
        open.set(use.id, use)
        begun.set(use.id, use)
        continue
      }
      const id = findResult(block)
      if (id === null) continue
      const path = `messages.${index}.content.${position}`
      if (begun.get(id)?.result !== block.type) return describeStray(block, id, path)
      open.delete(id)
    }
  }
  return null
}

interface OpenUse {
  readonly id: string
  readonly name: string
  /** The type of the result block. */
  readonly result: string
  readonly index: number
}

function findUse(block: InputBlock, index: number): OpenUse | null {
  if (block.type === 'mcp_tool_use')
    return { id: block.id, name: block.name, result: 'mcp_tool_result', index }
  if (block.type !== 'server_tool_use') return null
  const { id, name } = block
  const family = name.startsWith('tool_search_tool_') ? 'tool_search' : name
  return { id, name, result: `${family}_tool_result`, index }
}

function findResult(block: InputBlock): string | null {
  return block.type !== 'tool_result' && 'tool_use_id' in block ? block.tool_use_id : null
}

/** True for a message that contains anything but results of client tools. */
function speaks({ content }: MessageParam): boolean {
  if (typeof content === 'string') return content !== ''
  return content.some(({ type }) => type !== 'tool_result')
}

function describeOpen({ id, name, result, index }: OpenUse): Problem {
  return {
    path: `messages.${index}`,
    message: `\`${name}\` tool use with id \`${id}\` was found without a corresponding \`${result}\` block`,
  }
}

function describeStray({ type }: InputBlock, id: string, path: string): Problem {
  const use = type === 'mcp_tool_result' ? 'mcp_tool_use' : 'server_tool_use'
  return {
    path,
    message:
      `unexpected \`tool_use_id\` found in \`${type}\` blocks: ${id}. ` +
      `Each \`${type}\` block must have a corresponding \`${use}\` block before it.`,
  }
}
