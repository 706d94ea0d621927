import { createParser } from 'eventsource-parser'

import type { CallBodies } from '../../../api/call-bodies.ts'
import { addEvent, emptyAnswer, readMessage } from '../../playground/answer.ts'
import type { Answer } from '../../playground/answer.ts'
import { parseMembers } from '../../playground/members.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Message {
  readonly role: string
  readonly blocks: readonly Json[]
}

/** A request and its answer. Anything may be in them, so nothing of their form is taken for granted. */
export interface Conversation {
  readonly system: readonly Json[]
  readonly tools: readonly string[]
  readonly messages: readonly Message[]
}

/** Null for a text that is no request of the Messages API, such as one that is cut. */
export function readConversation(text: string): Conversation | null {
  const body = parseMembers(text)
  if (body === null || !Array.isArray(body['messages'])) return null
  return {
    system: readBlocks(body['system']),
    tools: toList(body['tools']).map((tool) => {
      const { name, type } = toObject(tool)
      return [name, type].find((known) => typeof known === 'string') ?? '?'
    }),
    messages: body['messages'].map((message) => {
      const { role, content } = toObject(message)
      return { role: toText(role), blocks: readBlocks(content) }
    }),
  }
}

/** The blocks of a content, which may be a text. */
export function readBlocks(content: unknown): readonly Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return toList(content).map((block) =>
    typeof block === 'string' ? { type: 'text', text: block } : toObject(block),
  )
}

export interface StoredAnswer {
  readonly blocks: readonly Json[]
  readonly stopReason: string | null
  /** The message of an error, in place of the answer or after a part of it. */
  readonly error: string | null
}

/** Null for a text that is neither a message, nor a stream of one, nor an error. */
export function readAnswer({ text, stream }: NonNullable<CallBodies['response']>): StoredAnswer | null {
  if (stream) return readStream(text)
  const value = parseMembers(text)
  if (value === null) return null
  if (value['type'] === 'message') return describe(readMessage(value), null)
  const error = readError(value)
  return error === null ? null : { blocks: [], stopReason: null, error }
}

function readStream(text: string): StoredAnswer {
  let answer = emptyAnswer
  let error: string | null = null
  const parser = createParser({
    onEvent({ data }) {
      const event = parseMembers(data)
      if (event === null) return
      if (event['type'] === 'error') error = readError(event)
      else answer = addEvent(answer, event)
    },
  })
  parser.feed(text)
  return describe(answer, error)
}

/** The text of a block that has not ended is not in its value yet. */
function describe(answer: Answer, error: string | null): StoredAnswer {
  const blocks = answer.blocks.map(({ type, text, value }) => {
    if (type === 'text') return { ...value, text }
    if (type === 'thinking') return { ...value, thinking: text }
    return value
  })
  return { blocks, stopReason: answer.stopReason, error }
}

function readError(value: Json): string | null {
  const { message } = toObject(value['error'])
  return typeof message === 'string' ? message : null
}

/** Any value as a text. `String` runs the `toString` that an object may have as a member. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

export function toObject(value: unknown): Json {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}
