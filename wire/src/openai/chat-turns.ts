import { createJsonText, printJsonTexts } from '../body/json-text.ts'
import type { JsonText } from '../body/json-text.ts'
import { createMissingResult, matchCalls } from './chat-calls.ts'
import type { MatchedCall } from './chat-calls.ts'
import { getText, ignorePart, isBlank, listNativeParts, markLast, toBlocks } from './chat-parts.ts'
import type { ChatRequest, ChatTurn } from './chat-request.ts'
import { given, ignore, isGiven, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

export interface TranslatedTurn {
  readonly role: 'user' | 'assistant'
  readonly content: readonly JsonBody[]
}

/**
 * Translates the conversation. System and developer turns are translated by `translateSystem`. Consecutive
 * turns of one role become one message, and the results of calls come first in the message after them.
 */
export function translateTurns(
  translation: Translation,
  turns: readonly ChatTurn[],
): readonly TranslatedTurn[] {
  const { calls, strays } = matchCalls(translation, turns)
  const messages: { readonly role: 'user' | 'assistant'; readonly content: JsonBody[] }[] = []
  const add = (role: 'user' | 'assistant', blocks: readonly JsonBody[]): void => {
    const last = messages.at(-1)
    if (blocks.length === 0) return
    if (last?.role === role) for (const block of blocks) last.content.push(block)
    else messages.push({ role, content: [...blocks] })
  }
  let open: MatchedCall[] = []
  for (const turn of turns) {
    listIgnoredMembers(translation, turn)
    if (turn.role === 'system' || turn.role === 'developer') continue
    if (turn.role === 'assistant') {
      const made = calls.get(turn) ?? []
      const blocks = [...toBlocks(translation, turn), ...made.map(({ use }) => use)]
      if (blocks.length === 0) notice(translation, 'empty assistant messages were left out')
      add('assistant', markLast(blocks, turn))
      for (const call of made) open.push(call)
      continue
    }
    const results = open.map((call) => call.result ?? createMissingResult(translation, call))
    open = []
    add('user', results)
    if (turn.role === 'user') addUser(translation, turn, add)
  }
  add('user', strays)
  trimEnd(messages.at(-1))
  return keepLast(messages, turns.at(-1))
}

/** The API rejects a final assistant message, which the model would continue, if it ends in whitespace. */
function trimEnd(last: { readonly role: string; readonly content: JsonBody[] } | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  if (typeof block?.['text'] === 'string')
    last?.content.splice(-1, 1, { ...block, text: block['text'].trimEnd() })
}

function addUser(
  translation: Translation,
  turn: ChatTurn,
  add: (role: 'user', blocks: readonly JsonBody[]) => void,
): void {
  const blocks = toBlocks(translation, turn)
  if (blocks.length === 0 && listNativeParts(turn, 'tool_result').length === 0)
    notice(translation, 'empty user messages were left out')
  add('user', markLast(blocks, turn))
}

/** Keeps an empty last user turn, which the API rejects: without it the model would continue its own answer. */
function keepLast(
  messages: readonly TranslatedTurn[],
  last: ChatTurn | undefined,
): readonly TranslatedTurn[] {
  const isLost = last?.role === 'user' && messages.at(-1)?.role !== 'user'
  return isLost ? [...messages, { role: 'user', content: [] }] : messages
}

/**
 * The JSON of a message; only calls contain JSON texts. A message of one text without a mark is written as a
 * string, the common short form.
 */
export function printTurn({ role, content }: TranslatedTurn): JsonText {
  const [only] = content
  const isText = content.length === 1 && only?.['type'] === 'text' && only['cache_control'] === undefined
  if (isText) return createJsonText(JSON.stringify({ role, content: only['text'] }))
  const blocks = content.map((block) =>
    block['type'] === 'tool_use' ? printJsonTexts(block) : JSON.stringify(block),
  )
  return createJsonText(`{"role":"${role}","content":[${blocks.join(',')}]}`)
}

/**
 * The system prompt: the member of the Messages API, then all system and developer turns, joined by a line
 * break. Without cache marks it is one text; with them, each block ends at a mark.
 */
export function translateSystem(
  translation: Translation,
  { system, messages }: Pick<ChatRequest, 'system' | 'messages'>,
): string | readonly JsonBody[] | null {
  const own: ChatTurn = { role: 'system', ...(isGiven(system) && { content: system }) }
  const turns = [own, ...messages.filter(({ role }) => role === 'system' || role === 'developer')]
  const blocks: { text: string; cache_control?: JsonBody }[] = []
  let text = ''
  const end = (mark: JsonBody | null | undefined): void => {
    if (isBlank(text)) return
    blocks.push({ text, ...given('cache_control', mark) })
    text = ''
  }
  let hasText = false
  for (const turn of turns) {
    const parts = typeof turn.content === 'string' ? [{ type: 'text', text: turn.content }] : turn.content
    let separator = hasText ? '\n' : ''
    for (const part of parts ?? []) {
      const read = getText(part)
      if (read === null) ignorePart(translation, turn.role, part.type)
      if (!read) continue
      text += separator + read
      separator = ''
      hasText = true
      if (part.cache_control) end(part.cache_control)
    }
    if (turn.cache_control) end(turn.cache_control)
  }
  end(null)
  const [only] = blocks
  if (only === undefined) return null
  if (blocks.length === 1 && only.cache_control === undefined) return only.text
  return blocks.map((block) => ({ type: 'text', ...block }))
}

function listIgnoredMembers(translation: Translation, turn: ChatTurn): void {
  for (const name of Object.keys(turn)) {
    if (readMembers.has(name)) continue
    const value: unknown = Reflect.get(turn, name)
    const isEmpty = value === null || value === '' || isEmptyList(value)
    if (!isEmpty) ignore(translation, `${name.slice(0, 60)} of messages`)
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

const readMembers: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'tool_call_id',
  'cache_control',
])
