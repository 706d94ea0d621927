import type { InputBlock } from './content-block.ts'
import type { MessageParam } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Every `tool_use` is answered in the very next user turn, and every `tool_result` answers one of
 * the turn before (docs.claude.com, agents-and-tools, Nov 2025; texts from public issue reports).
 * Messages of one role in a row are one turn; `system` entries do not part turns.
 */
export function findPairingProblem(messages: readonly MessageParam[]): Problem | null {
  let open: OpenUses = { ids: new Set(), index: -1 }
  let answered = new Set<string>()
  let role: MessageParam['role'] | null = null
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') continue
    if (message.role !== role) {
      const unanswered = message.role === 'assistant' ? findUnanswered(open, answered) : null
      if (unanswered) return unanswered
      if (message.role === 'assistant') open = { ids: new Set(), index }
      answered = new Set()
      role = message.role
    }
    for (const [position, block] of blocksOf(message).entries()) {
      if (block.type === 'tool_use') open = { ids: open.ids.add(block.id), index }
      if (block.type !== 'tool_result') continue
      if (!open.ids.has(block.tool_use_id)) return describeStray(index, position, block.tool_use_id)
      answered.add(block.tool_use_id)
    }
  }
  return findUnanswered(open, answered)
}

/** The uses of one assistant turn, and the message in which the last of them stands. */
interface OpenUses {
  readonly ids: Set<string>
  readonly index: number
}

function findUnanswered({ ids, index }: OpenUses, answered: ReadonlySet<string>): Problem | null {
  const missing = [...ids].filter((id) => !answered.has(id))
  if (missing.length === 0) return null
  return {
    path: `messages.${index}`,
    message:
      `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  }
}

function describeStray(index: number, position: number, id: string): Problem {
  return {
    path: `messages.${index}.content.${position}`,
    message:
      `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
      'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
  }
}

function blocksOf({ content }: MessageParam): readonly InputBlock[] {
  return typeof content === 'string' ? [] : content
}
