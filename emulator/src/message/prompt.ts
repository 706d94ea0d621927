import type { Model } from '@anthology/catalog'
import type { InputBlock, MessageParam, MessagesRequest } from '@anthology/wire'

import type { FileContent } from '../cache/block-tokens.ts'
import { listSegments } from '../cache/segment.ts'
import type { Segment } from '../cache/segment.ts'
import type { Steps } from '../steps.ts'
import { createFingerprint } from '../random.ts'
import { manageContext } from '../context/management.ts'
import type { ManagedContext } from '../context/management.ts'
import { readLastUser } from './last-user.ts'
import { selectTokenizer } from '@anthology/catalog'
import type { TextTokenizer } from '@anthology/catalog'

/** The facts that an answer is generated from, read once per request. */
export interface Prompt {
  readonly system: string
  /** The number of user turns so far; consecutive messages of one role are one turn. */
  readonly turn: number
  /** The text of the last user turn. */
  readonly question: string
  readonly images: number
  readonly documents: number
  /** The number of tool results in the last user turn. */
  readonly toolResults: number
  /** The text of the trailing assistant messages, which the answer continues. */
  readonly prefill: string
  /** The whole prompt in the order in which the model reads it: tools, system, messages. */
  readonly segments: readonly Segment[]
  /** The sum of the segments. */
  readonly inputTokens: number
  /** A hash of model, system and messages without the prefill, so that a truncated answer can be continued. */
  readonly fingerprint: string
  /** The tokenizer of the model. */
  readonly tokenizer: TextTokenizer
  /** The effect of `context_management`; null if the request has none. */
  readonly managed: Pick<ManagedContext, 'applied' | 'originalTokens'> | null
}

export interface PromptOptions {
  /** The day whose token formulas apply; default the day of the model's facts. */
  readonly day?: string
  /** Opens a file that a block refers to; a missing file counts as one page or a large image. */
  readonly openFile?: (id: string) => FileContent | null
  /** Returned thinking that is dropped from the prompt. */
  readonly droppedThinking?: readonly { readonly path: string }[]
}

export function* readPrompt(
  request: MessagesRequest,
  model: Model,
  seed: string,
  { day = model.factsAsOf, openFile = () => null, droppedThinking = [] }: PromptOptions = {},
): Steps<Prompt> {
  const tokenizer = selectTokenizer(model)
  const droppedPaths = new Set(droppedThinking.map(({ path }) => path))
  const tools = request.tools ?? []
  const context = { model, day, seed, tokenizer, tools, openFile, droppedPaths }
  const managed = manageContext(request, (view) =>
    listSegments(view.request, { ...context, thinkingFrom: view.thinkingFrom }),
  )
  const segments = managed?.segments ?? listSegments(request, { ...context, thinkingFrom: null })
  yield
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

  yield
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

/** Identifies a message by its texts and by the edges of the strings in its other blocks. */
function getIdentity(content: MessageParam['content']): string {
  if (typeof content === 'string') return content
  return content
    .map((block) => (block.type === 'text' ? block.text : `[${block.type} ${readEdges(block)}]`))
    .join('\n')
}

/** Returns the first and last characters of every string in a block: images differ there, and megabytes are not hashed. */
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
