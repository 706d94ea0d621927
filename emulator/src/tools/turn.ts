import type { InputBlock, MessageParam, ToolResultBlockParam } from '@anthology/wire'

import { findLastUser, readLastUser } from '../message/last-user.ts'

/** Where the conversation stands: what the user asked last, and what tools have done about it since. */
export interface Turn {
  /** The text of the last user turn. */
  readonly question: string
  /** The tool calls since then, oldest first. */
  readonly calls: readonly { readonly name: string; readonly id: string }[]
  /** The tool results in the last turn. */
  readonly results: readonly Result[]
}

export interface Result {
  /** The tool's name; '' if its call is not in the conversation. */
  readonly name: string
  readonly text: string
  readonly isError: boolean
}

export function readTurn(conversation: readonly MessageParam[]): Turn {
  // Without a trailing prefill.
  const messages = conversation.slice(0, conversation.findLastIndex(({ role }) => role !== 'assistant') + 1)
  return {
    question: readLastUser(messages),
    calls: listCalls(messages.slice(findLastUser(messages) + 1)),
    results: listResults(messages),
  }
}

function listCalls(messages: readonly MessageParam[]): Turn['calls'] {
  return messages
    .flatMap(({ content }) => listBlocks(content))
    .flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, id: block.id }] : []))
}

function listResults(messages: readonly MessageParam[]): readonly Result[] {
  const answered = messages.findLastIndex(({ role }) => role === 'assistant')
  const called = messages.slice(0, answered).findLastIndex(({ role }) => role === 'user')
  const names = new Map(listCalls(messages.slice(called + 1)).map(({ id, name }) => [id, name]))
  return messages
    .slice(answered + 1)
    .flatMap(({ content }) => listBlocks(content))
    .flatMap((block) => {
      if (block.type !== 'tool_result') return []
      const name = names.get(block.tool_use_id) ?? ''
      return [{ name, text: getText(block), isError: block.is_error === true }]
    })
}

function getText({ content = '' }: ToolResultBlockParam): string {
  if (typeof content === 'string') return content
  return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('\n')
}

function listBlocks(content: MessageParam['content']): readonly InputBlock[] {
  return typeof content === 'string' ? [] : content
}
