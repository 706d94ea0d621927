import type { InputBlock } from './content-block.ts'
import type { MessageParam } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Every `tool_use` must have its result in the very next user turn, before any other content, and every
 * `tool_result` must belong to a use in the previous turn (docs.claude.com, agents-and-tools, Nov 2025; texts
 * from public issue reports). Consecutive messages of one role are one turn; `system` entries do not separate
 * turns.
 */
export function findPairingProblem(messages: readonly MessageParam[]): Problem | null {
  const seen = new Set<string>()
  let open: OpenUses = { ids: new Set(), index: -1 }
  let turn = newTurn(null)
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') continue
    if (message.role !== turn.role) {
      const unanswered = message.role === 'assistant' ? findUnanswered(open, turn) : null
      if (unanswered) return unanswered
      if (message.role === 'assistant') open = { ids: new Set(), index }
      turn = newTurn(message.role)
    }
    if (typeof message.content === 'string') turn.hasSpoken = true
    for (const [position, block] of listBlocks(message).entries()) {
      const at = `messages.${index}.content.${position}`
      if (block.type === 'tool_use') {
        if (seen.has(block.id)) return { path: at, message: '`tool_use` ids must be unique' }
        seen.add(block.id)
        open = { ids: open.ids.add(block.id), index }
      } else if (block.type === 'tool_result') {
        const problem = findResultProblem(block.tool_use_id, at, open, turn)
        if (problem) return problem
        turn.given.add(block.tool_use_id)
        if (!turn.hasSpoken) turn.answered.add(block.tool_use_id)
      } else turn.hasSpoken = true
    }
  }
  return findUnanswered(open, turn)
}

/** The uses of one assistant turn, and the message that contains the last of them. */
interface OpenUses {
  readonly ids: Set<string>
  readonly index: number
}

interface Turn {
  readonly role: MessageParam['role'] | null
  /** The uses with a result here, and those whose result precedes any other content. */
  readonly given: Set<string>
  readonly answered: Set<string>
  hasSpoken: boolean
}

function newTurn(role: MessageParam['role'] | null): Turn {
  return { role, given: new Set(), answered: new Set(), hasSpoken: false }
}

function findUnanswered({ ids, index }: OpenUses, { answered }: Turn): Problem | null {
  const missing = [...ids].filter((id) => !answered.has(id))
  if (missing.length === 0) return null
  return {
    path: `messages.${index}`,
    message:
      `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  }
}

function findResultProblem(id: string, path: string, { ids }: OpenUses, { given }: Turn): Problem | null {
  if (!ids.has(id)) {
    return {
      path,
      message:
        `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
        'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    }
  }
  if (!given.has(id)) return null
  return {
    path,
    message: `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
  }
}

function listBlocks({ content }: MessageParam): readonly InputBlock[] {
  return typeof content === 'string' ? [] : content
}
