import type { InputBlock, MessageParam, ToolResultBlockParam } from '@anthology/wire'

/** The current turn: the user's last question, and the tool calls since. */
export interface Turn {
  /** The text of the last user turn with more than tool results, without reminders that agents add. */
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
  const lastQuestion = findLastQuestion(messages)
  return {
    question: readQuestion(messages.slice(0, lastQuestion + 1)),
    calls: listCalls(messages.slice(lastQuestion + 1)),
    results: listResults(messages),
  }
}

/** Returns the index of the last user message with text, or -1; tool results and reminders of agents do not count. */
export function findLastQuestion(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(({ role, content }) => role === 'user' && readUserText(content) !== '')
}

function listCalls(messages: readonly MessageParam[]): Turn['calls'] {
  return messages
    .flatMap(({ content }) => listBlocks(content))
    .flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, id: block.id }] : []))
}

/** Reads the text of the trailing user messages, which are one turn. */
function readQuestion(messages: readonly MessageParam[]): string {
  const before = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages
    .slice(before + 1)
    .flatMap(({ role, content }) => (role === 'user' ? readUserText(content) : []))
    .filter((text) => text !== '')
    .join('\n')
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

function readUserText(content: MessageParam['content']): string {
  if (typeof content === 'string') return isReminder(content) ? '' : content
  return content
    .flatMap((block) => (block.type === 'text' && !isReminder(block.text) ? block.text : []))
    .join('\n')
}

/** Agents send reminders in separate blocks. */
function isReminder(text: string): boolean {
  const words = text.trim()
  return words.startsWith('<system-reminder>') && words.endsWith('</system-reminder>')
}

function listBlocks(content: MessageParam['content']): readonly InputBlock[] {
  return typeof content === 'string' ? [] : content
}
