import type { Block, Turn } from './draft.ts'
import { printValue } from './members.ts'

/** A call of a tool by the assistant. */
export interface ToolCall {
  readonly id: string
  readonly name: string
}

export type ToolResult = Extract<Block, { kind: 'tool_result' }>

export function listCalls(turns: readonly Turn[]): readonly ToolCall[] {
  return turns.flatMap(({ role, blocks }) =>
    role === 'assistant' ? blocks.flatMap((block) => readCall(block)) : [],
  )
}

function readCall(block: Block): readonly ToolCall[] {
  if (block.kind !== 'raw' || block.value['type'] !== 'tool_use') return []
  return [{ id: printValue(block.value['id']), name: printValue(block.value['name']) }]
}

/**
 * Adds a result, of the latest call that has none yet if there is one. The API wants the results before all other
 * blocks of a message.
 */
export function addToolResult(blocks: readonly Block[], calls: readonly ToolCall[]): readonly Block[] {
  const results = blocks.filter((block) => block.kind === 'tool_result')
  const call = calls.findLast(({ id }) => results.every(({ toolUseId }) => toolUseId !== id))
  const added: ToolResult = {
    kind: 'tool_result',
    toolUseId: call?.id ?? '',
    toolName: call?.name ?? '',
    text: '',
    isError: false,
  }
  return [...results, added, ...blocks.filter(({ kind }) => kind !== 'tool_result')]
}
