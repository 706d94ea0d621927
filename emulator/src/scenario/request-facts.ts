import type { Model } from '@anthology/catalog'
import type { MessageParam } from '@anthology/wire'
import { parseJson } from '@anthology/wire'

import { findLastUser, readLastUser } from '../message/last-user.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { listBlocks } from '../thinking/turn.ts'
import { listOfferedTools } from '../tools/offered-tools.ts'
import { readTurn } from '../tools/turn.ts'
import type { Result } from '../tools/turn.ts'
import type { Exchange } from './exchange.ts'

/** What the conditions of a rule look at. */
export interface RequestFacts {
  readonly exchange: Exchange
  /** The facts of the message to create; null: the request is for another endpoint. */
  readonly conversation: Conversation | null
  /** The body as the client sent it; undefined if it is not JSON. */
  readonly json: () => unknown
  /** The day on which the names of models are resolved, `YYYY-MM-DD`; undefined: today. */
  readonly asOf: string | undefined
}

/**
 * The conversation of any protocol as the Messages API sees it. The blocks of a text are joined by line breaks, the order of
 * texts and results within a turn has no influence, and neither have marks for the cache.
 */
export interface Conversation {
  readonly model: Model
  /** The system prompt, then the system messages, which OpenAI's protocol moves to the front as well. */
  readonly system: string
  /** The texts of the last turn, if it is the user's. */
  readonly lastUser: string
  /** The texts of the last user turn that has any, which may be before calls of tools. */
  readonly question: string
  /** The results of tools in the last turn. */
  readonly toolResults: readonly Result[]
  /** The names of the offered tools, after additions and removals in the conversation. */
  readonly tools: readonly string[]
  /** The number of assistant turns. */
  readonly turns: number
  /** The number of assistant turns after `question`. */
  readonly turnsSinceQuestion: number
}

export function readRequestFacts(
  exchange: Exchange,
  validation: ValidRequest | null,
  asOf?: string,
): RequestFacts {
  let parsed: { readonly value: unknown } | null = null
  const { body } = exchange.request
  return {
    exchange,
    conversation: validation && readConversation(validation),
    json: () => {
      parsed ??= { value: body === null ? undefined : parseJson(utf8.decode(body)) }
      return parsed.value
    },
    asOf,
  }
}

function readConversation({ request, model, prompt }: ValidRequest): Conversation {
  const { messages: all } = request
  const messages = all.slice(0, findPrefillStart(all))
  const lastTurn = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  return {
    model,
    system: [prompt.system, ...all.flatMap(readSystemEntry)].filter((text) => text !== '').join('\n'),
    lastUser: readLastUser(lastTurn),
    question: readLastUser(messages),
    toolResults: lastTurn.length === 0 ? [] : readTurn(messages).results,
    tools: listOfferedTools(request).flatMap(({ tool }) => tool.name ?? []),
    turns: countTurns(messages),
    turnsSinceQuestion: countTurns(messages.slice(findLastUser(messages) + 1)),
  }
}

/**
 * The index of the trailing assistant messages that begin the turn to come. A paused turn, which has blocks of server tools
 * and is continued by the next answer, is a turn of its own.
 */
export function findPrefillStart(messages: readonly MessageParam[]): number {
  const start = messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  const isPaused = messages.slice(start).flatMap(listBlocks).some(isServerBlock)
  return isPaused ? messages.length : start
}

function isServerBlock({ type }: { readonly type: string }): boolean {
  return type === 'server_tool_use' || type === 'mcp_tool_use' || type.endsWith('_tool_result')
}

function readSystemEntry(message: MessageParam): readonly string[] {
  if (message.role !== 'system') return []
  return listBlocks(message).flatMap((block) => (block.type === 'text' ? block.text : []))
}

/** Consecutive assistant messages are one turn. */
function countTurns(messages: readonly MessageParam[]): number {
  return messages.filter(
    ({ role }, index) => role === 'assistant' && messages[index - 1]?.role !== 'assistant',
  ).length
}

const utf8 = new TextDecoder()
