import type { MessageParam } from '@anthology/wire'

/**
 * The text of the last user turn that has any. Consecutive user messages are one turn; the results
 * of tools and the reminders of agents are no text of the user.
 */
export function readLastUser(messages: readonly MessageParam[]): string {
  const asked = messages.slice(0, findLastUser(messages) + 1)
  const before = asked.findLastIndex(({ role }) => role === 'assistant')
  return asked
    .slice(before + 1)
    .flatMap(({ role, content }) => (role === 'user' ? readTexts(content) : []))
    .join('\n')
}

/** The index of the last message that such text stands in; -1 where there is none. */
export function findLastUser(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(({ role, content }) => role === 'user' && readTexts(content).length > 0)
}

function readTexts(content: MessageParam['content']): readonly string[] {
  const texts =
    typeof content === 'string'
      ? [content]
      : content.flatMap((block) => (block.type === 'text' ? block.text : []))
  return texts.filter((text) => text !== '' && !isReminder(text))
}

/** Agents put reminders into blocks of their own. */
export function isReminder(text: string): boolean {
  const words = text.trim()
  return words.startsWith('<system-reminder>') && words.endsWith('</system-reminder>')
}
