import { createTurn } from './draft.ts'
import type { Block, Turn } from './draft.ts'
import { printValue } from './members.ts'
import type { Run } from './run.ts'

/**
 * Adds an answer to the conversation, and the next user message: with a result for each tool that the answer calls,
 * otherwise empty. Blocks go back as they came, because the API verifies thinking.
 */
export function continueConversation(turns: readonly Turn[], { answer }: Run): readonly Turn[] {
  const blocks = answer.blocks.map(({ type, text, value }): Block =>
    type === 'text' ? { kind: 'text', text } : { kind: 'raw', value },
  )
  const results = answer.blocks.flatMap(({ type, value }): readonly Block[] =>
    type === 'tool_use'
      ? [
          {
            kind: 'tool_result',
            toolUseId: printValue(value['id']),
            toolName: printValue(value['name']),
            text: '',
            isError: false,
          },
        ]
      : [],
  )
  const next = createTurn('user', '')
  return [
    ...turns,
    { ...createTurn('assistant', ''), blocks },
    results.length > 0 ? { ...next, blocks: results } : next,
  ]
}
