import type { MessageParam } from '@anthology/wire'

/**
 * The text of the last user turn that has any. Consecutive user messages are one turn. Tool results
 * and the reminders of agents do not count as text of the user.
 */
export function readLastUser(messages: readonly MessageParam[]): string {
  const asked = messages.slice(0, findLastUser(messages) + 1)
  const before = asked.findLastIndex(({ role }) => role === 'assistant')
  return asked
    .slice(before + 1)
    .flatMap(({ role, content }) => (role === 'user' ? readTexts(content) : []))
    .join('\n')
}

/** The index of the last message with such text; -1 if there is none. */
export function findLastUser(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(({ role, content }) => role === 'user' && hasText(content))
}

function hasText(content: MessageParam['content']): boolean {
  return typeof content === 'string'
    ? isUserText(content)
    : content.some((block) => block.type === 'text' && isUserText(block.text))
}

function readTexts(content: MessageParam['content']): readonly string[] {
  if (typeof content === 'string') return isUserText(content) ? [content] : []
  const texts: string[] = []
  for (const block of content) if (block.type === 'text' && isUserText(block.text)) texts.push(block.text)
  return texts
}

function isUserText(text: string): boolean {
  return text !== '' && !isReminder(text)
}

/** Agents put reminders into blocks of their own. */
export function isReminder(text: string): boolean {
  const words = text.trim()
  return words.startsWith('<system-reminder>') && words.endsWith('</system-reminder>')
}
