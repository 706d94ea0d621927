import { formatCount } from '../parts/format.ts'

/** The English texts of a call's conversation, which only administrators see. */
export const conversationTexts = {
  system: 'System prompt',
  roles: { user: 'User', assistant: 'Assistant' } as Readonly<Record<string, string>>,
  tools: (names: readonly string[]) => `Tools: ${names.join(', ')}`,
  answer: 'Answer',
  noAnswer: 'No upstream answered.',
  stopReason: (reason: string) => `Stop reason: ${reason}`,
  unfinished: 'The answer broke off here.',
  thinking: 'Thinking',
  thinkingHidden: 'The model thought, and this model shows no text of it.',
  toolUse: (name: string) => `Calls ${name}`,
  toolResult: 'Result of a tool',
  toolError: 'Result of a tool, an error',
  breakpoint: 'Cache breakpoint',
  file: (type: string, bytes: number) => `${type}, ${formatCount(bytes)} bytes`,
  source: (type: string, place: string) => `${type}: ${place}`,
  showAll: (characters: number) => `Show all ${formatCount(characters)} characters`,
  earlier: (count: number) => `Show the ${formatCount(count)} messages before`,
  raw: { request: 'Request as it was stored', response: 'Answer as it was stored' },
  cut: {
    request: (bytes: number) =>
      `The request has ${formatCount(bytes)} bytes, and only its first ones are stored (bodies.max_bytes in anthology.yaml).`,
    response: (bytes: number) =>
      `The answer has ${formatCount(bytes)} bytes, and only its first ones are stored (bodies.max_bytes in anthology.yaml).`,
  },
  absent: {
    off: 'Prompts and answers are not stored. A section bodies in anthology.yaml stores those of later calls.',
    batch: 'Prompts and answers of batches are not stored.',
    other_workspace:
      'Prompts and answers of this workspace are not stored: bodies.workspaces in anthology.yaml names others.',
    running: 'The call still runs. Its prompt and its answer are stored when it has ended.',
    removed:
      'The prompt and the answer of this call are removed, because they are older than their retention.',
    not_found:
      'This server has no prompt and no answer of this call. Another server may have them, or they were not stored: the call is older than the setting, or the memory or the disk was full.',
  },
  open: 'Open in the playground',
  /** In the playground. */
  cutRequest: 'The stored request of the call is cut, so it cannot be opened.',
  unreadable: 'The stored request of the call is not a request of the Messages API.',
} as const
