import type { InputBlock, MessageParam, MessagesRequest } from '@anthology/wire'

import { createFingerprint } from '../random.ts'
import { listBlocks, isThought } from './turn.ts'

/**
 * Hashes of the prompt before a thinking block: the top-level system prompt, the tools and the messages
 * (platform.claude.com, build-with-claude/preserved-thinking). Not included: `cache_control`, which may move; deferred
 * tools, which may be added later; thinking, whose blocks are chained by their own signatures.
 */
export interface Conversation {
  readonly system: string
  readonly tools: string
  readonly messages: string
}

/** Hashes a conversation block by block; `value` returns the hashes up to the current block. */
export interface ConversationReader {
  take(role: MessageParam['role'], block: InputBlock): void
  value(): Conversation
}

export function createConversationReader(request: MessagesRequest): ConversationReader {
  const systemHash = fingerprintAll(listSystemTexts(request))
  const toolsHash = fingerprintAll(
    (request.tools ?? []).filter((tool) => !isDeferred(tool)).map(stringifyForComparison),
  )
  const messages = createFingerprint('messages')
  return {
    take: (role, block) => {
      if (isThought(block)) return
      // The API merges consecutive messages of one role, so message boundaries are not hashed.
      messages.add(role)
      messages.add(getIdentity(block))
    },
    value: () => ({ system: systemHash, tools: toolsHash, messages: messages.value() }),
  }
}

/** Hashes the whole conversation of a request. */
export function readConversation(request: MessagesRequest): Conversation {
  const reader = createConversationReader(request)
  for (const message of request.messages)
    for (const block of listBlocks(message)) reader.take(message.role, block)
  return reader.value()
}

/** Skips a first text with the billing line of Claude Code, which the API removes. */
function listSystemTexts({ system = '' }: MessagesRequest): readonly string[] {
  const texts = typeof system === 'string' ? [system] : system.map(({ text }) => text)
  return texts.filter((text, at) => text !== '' && !(at === 0 && text.startsWith(billingLine)))
}

const billingLine = 'x-anthropic-billing-header:'

function fingerprintAll(texts: readonly string[]): string {
  const fingerprint = createFingerprint('')
  for (const text of texts) fingerprint.add(text)
  return fingerprint.value()
}

/** A client may reorder the members of its blocks and omit optional ones. */
function getIdentity(block: InputBlock): string {
  if (block.type === 'text') return `text ${block.text}`
  if (block.type === 'tool_use') return `tool_use ${block.id} ${block.name} ${JSON.stringify(block.input)}`
  return stringifyForComparison(block)
}

/** `JSON.stringify` with a replacer is many times slower, and most blocks have no ignored members. */
function stringifyForComparison(value: object): string {
  const json = JSON.stringify(value)
  return ignoredMembers.some((name) => json.includes(`"${name}"`)) ? JSON.stringify(value, omitIgnored) : json
}

function omitIgnored(name: string, value: unknown): unknown {
  return ignoredMembers.includes(name) ? undefined : value
}

/** `cache_control` may move, and a client may omit `caller`. */
const ignoredMembers: readonly string[] = ['cache_control', 'caller']

function isDeferred(tool: object): boolean {
  return 'defer_loading' in tool && tool.defer_loading === true
}
