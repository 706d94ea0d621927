import type { Model } from '@anthology/catalog'
import type { MessageParam } from '@anthology/wire'
import { parseJson } from '@anthology/wire'

import { findLastUser, readLastUser } from '../message/last-user.ts'
import type { ValidRequest } from '../message/valid-request.ts'
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
}

export interface Conversation {
  readonly model: Model
  readonly system: string
  /** The texts of the last turn, if it is the user's. */
  readonly lastUser: string
  /** The texts of the last user turn that has any, which may be before calls of tools. */
  readonly question: string
  readonly toolResults: readonly Result[]
  readonly tools: readonly string[]
  /** The number of assistant turns. */
  readonly turns: number
  /** The number of assistant turns after `question`. */
  readonly turnsSinceQuestion: number
}

export function readRequestFacts(exchange: Exchange, validation: ValidRequest | null): RequestFacts {
  let parsed: { readonly value: unknown } | null = null
  const { body } = exchange.request
  return {
    exchange,
    conversation: validation && readConversation(validation),
    json: () => {
      parsed ??= { value: body === null ? undefined : parseJson(utf8.decode(body)) }
      return parsed.value
    },
  }
}

function readConversation({ request, model, prompt }: ValidRequest): Conversation {
  // Without a trailing prefill.
  const { messages: all } = request
  const messages = all.slice(0, all.findLastIndex(({ role }) => role !== 'assistant') + 1)
  const lastTurn = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  return {
    model,
    system: prompt.system,
    lastUser: readLastUser(lastTurn),
    question: readLastUser(messages),
    toolResults: readTurn(messages).results,
    tools: (request.tools ?? []).flatMap((tool) => (typeof tool.name === 'string' ? tool.name : [])),
    turns: countTurns(messages),
    turnsSinceQuestion: countTurns(messages.slice(findLastUser(messages) + 1)),
  }
}

/** Consecutive assistant messages are one turn. */
function countTurns(messages: readonly MessageParam[]): number {
  return messages.filter(
    ({ role }, index) => role === 'assistant' && messages[index - 1]?.role !== 'assistant',
  ).length
}

const utf8 = new TextDecoder()
