import type { InputBlock, MessageParam, MessagesRequest } from '@anthology/wire'

import { createFingerprint } from '../random.ts'
import { listBlocks, isThought } from './turn.ts'

/**
 * What stood before a thinking block: the top-level system prompt, the tools and the messages
 * (platform.claude.com, build-with-claude/preserved-thinking). Cache marks may move, tools whose loading
 * is deferred may come later, and thinking is accounted for by the blocks themselves.
 */
export interface Conversation {
  readonly system: string
  readonly tools: string
  readonly messages: string
}

/** Reads a conversation on, block by block, and can say at any of them what it was up to there. */
export interface ConversationReader {
  take(role: MessageParam['role'], block: InputBlock): void
  value(): Conversation
}

export function createConversationReader(request: MessagesRequest): ConversationReader {
  const ofSystem = fingerprintAll(systemTexts(request))
  const ofTools = fingerprintAll(
    (request.tools ?? []).filter((tool) => !isDeferred(tool)).map(jsonWithoutMarks),
  )
  const messages = createFingerprint('messages')
  return {
    take: (role, block) => {
      if (isThought(block)) return
      // The service merges turns of one role: where one message ends and the next begins does not count.
      messages.add(role)
      messages.add(getIdentity(block))
    },
    value: () => ({ system: ofSystem, tools: ofTools, messages: messages.value() }),
  }
}

/** The whole conversation of a request. */
export function readConversation(request: MessagesRequest): Conversation {
  const reader = createConversationReader(request)
  for (const message of request.messages)
    for (const block of listBlocks(message)) reader.take(message.role, block)
  return reader.value()
}

/** The line with which Claude Code says for what it is billed the service takes out, where it comes first. */
function systemTexts({ system = '' }: MessagesRequest): readonly string[] {
  const texts = typeof system === 'string' ? [system] : system.map(({ text }) => text)
  return texts.filter((text, at) => text !== '' && !(at === 0 && text.startsWith(billingLine)))
}

const billingLine = 'x-anthropic-billing-header:'

function fingerprintAll(texts: readonly string[]): string {
  const fingerprint = createFingerprint('')
  for (const text of texts) fingerprint.add(text)
  return fingerprint.value()
}

/** A client may put the members of its blocks in any order, and leave some out that say nothing. */
function getIdentity(block: InputBlock): string {
  if (block.type === 'text') return `text ${block.text}`
  if (block.type === 'tool_use') return `tool_use ${block.id} ${block.name} ${JSON.stringify(block.input)}`
  return jsonWithoutMarks(block)
}

/** Printing with a replacer is many times slower than without, and most blocks are not marked. */
function jsonWithoutMarks(value: object): string {
  const json = JSON.stringify(value)
  return unread.some((name) => json.includes(`"${name}"`)) ? JSON.stringify(value, leaveOutUnread) : json
}

function leaveOutUnread(name: string, value: unknown): unknown {
  return unread.includes(name) ? undefined : value
}

/** Marks move, and a client may leave out who called a tool. */
const unread: readonly string[] = ['cache_control', 'caller']

function isDeferred(tool: object): boolean {
  return 'defer_loading' in tool && tool.defer_loading === true
}
