import type { Model } from '@anthology/catalog'
import type { InputBlock, MessageParam, MessagesRequest } from '@anthology/wire'

import type { FileContent } from '../cache/block-tokens.ts'
import { listSegments } from '../cache/segment.ts'
import type { Segment } from '../cache/segment.ts'
import { createFingerprint } from '../random.ts'
import { manageContext } from '../context/management.ts'
import type { ManagedContext } from '../context/management.ts'
import { readLastUser } from './last-user.ts'
import { tokenizerFor } from '../generate/tokenizer.ts'
import type { Tokenizer } from '../generate/tokenizer.ts'

/** What an answer is made from, read from a request once. */
export interface Prompt {
  readonly system: string
  /** The user's turns so far; consecutive turns of one role are one. */
  readonly turn: number
  /** The text of the last user turn. */
  readonly question: string
  readonly images: number
  readonly documents: number
  /** The results of tools in the last user turn. */
  readonly toolResults: number
  /** The text of the assistant's turns at the end, which are one and which the answer goes on from. */
  readonly prefill: string
  /** The whole of it as the model reads it: tools, system, messages. */
  readonly segments: readonly Segment[]
  /** The sum of the segments. */
  readonly inputTokens: number
  /** Stands for model, system and messages, but not for the prefill, so that a broken answer can be taken up. */
  readonly fingerprint: string
  /** Of the model that reads it. */
  readonly tokenizer: Tokenizer
  /** What `context_management` did to it; null where it was not asked for. */
  readonly managed: Pick<ManagedContext, 'applied' | 'originalTokens'> | null
}

export interface PromptOptions {
  /** The day whose formulas hold for the tokens; default that of the model's own era. */
  readonly day?: string
  /** Files that a block may name; a file that is not found counts as a page or a large image. */
  readonly openFile?: (id: string) => FileContent | null
  /** Thinking that came back and that the model does not get to see: it is not part of the prompt. */
  readonly droppedThinking?: readonly { readonly path: string }[]
}

export function readPrompt(
  request: MessagesRequest,
  model: Model,
  seed: string,
  { day = model.factsAsOf, openFile = () => null, droppedThinking = [] }: PromptOptions = {},
): Prompt {
  const tokenizer = tokenizerFor(model)
  const droppedPaths = new Set(droppedThinking.map(({ path }) => path))
  const tools = request.tools ?? []
  const around = { model, day, seed, tokenizer, tools, openFile, droppedPaths }
  const managed = manageContext(request, (view) =>
    listSegments(view.request, { ...around, thinkingFrom: view.thinkingFrom }),
  )
  const segments = managed?.segments ?? listSegments(request, { ...around, thinkingFrom: null })
  const fingerprint = createFingerprint(seed)
  fingerprint.add(model.id)

  const system = getText(request.system ?? '')
  fingerprint.add(system)

  const { messages } = request
  const prefillStart = messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  for (const { role, content } of messages.slice(0, prefillStart)) {
    fingerprint.add(role)
    fingerprint.add(getIdentity(content))
  }

  const blocks = lastUserBlocks(messages)
  return {
    system,
    turn: countTurns(messages),
    question: readLastUser(messages),
    images: blocks.filter(({ type }) => type === 'image').length,
    documents: blocks.filter(({ type }) => type === 'document').length,
    toolResults: blocks.filter(({ type }) => type === 'tool_result').length,
    prefill: messages
      .slice(prefillStart)
      .map(({ content }) => getText(content, ''))
      .join(''),
    segments,
    inputTokens: segments.reduce((total, { tokens }) => total + tokens, 0),
    fingerprint: fingerprint.value(),
    tokenizer,
    managed,
  }
}

/** The blocks of the last user turn, results of tools included. */
function lastUserBlocks(messages: readonly MessageParam[]): readonly InputBlock[] {
  const end = messages.findLastIndex(({ role }) => role === 'user')
  const before = messages.slice(0, end + 1).findLastIndex(({ role }) => role !== 'user')
  return messages
    .slice(before + 1, end + 1)
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
}

function countTurns(messages: readonly MessageParam[]): number {
  return messages.filter(({ role }, index) => role === 'user' && messages[index - 1]?.role !== 'user').length
}

function getText(content: MessageParam['content'], separator = '\n'): string {
  if (typeof content === 'string') return content
  return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join(separator)
}

/** Enough of a message to tell it from another: its texts, and of the rest what `JSON` makes of the ends. */
function getIdentity(content: MessageParam['content']): string {
  if (typeof content === 'string') return content
  return content
    .map((block) => (block.type === 'text' ? block.text : `[${block.type} ${readEdges(block)}]`))
    .join('\n')
}

/** The first and last characters of every string in a block: a picture differs there, and megabytes are not read. */
function readEdges(block: InputBlock): string {
  const edges: string[] = []
  const open: unknown[] = [block]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) open.push(member)
    else edges.push(readTextEdges(String(next)))
  }
  return edges.join(' ')
}

function readTextEdges(text: string): string {
  return text.length <= 512 ? text : `${text.slice(0, 256)}${text.length}${text.slice(-256)}`
}
