import { valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { InputBlock, MessageParam, MessagesRequest } from '@anthology/wire'

import { createFingerprint } from './chance.ts'
import { countTokens } from './tokens.ts'

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
  readonly inputTokens: number
  /** Stands for model, system and messages, but not for the prefill, so that a broken answer can be taken up. */
  readonly fingerprint: string
}

export function readPrompt(request: MessagesRequest, model: Model, seed: string): Prompt {
  const meter = createMeter()
  const fingerprint = createFingerprint(seed)
  fingerprint.add(model.id)

  const system = textOf(request.system ?? '')
  if (system !== '') meter.take(system, overhead.system)
  fingerprint.add(system)

  const { messages } = request
  const prefillStart = messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  const turnStart = lastQuestionIndex(messages)
  for (const [index, message] of messages.entries()) {
    measureMessage(message, meter, index > turnStart)
    if (index >= prefillStart) continue
    fingerprint.add(message.role)
    fingerprint.add(identityOf(message.content))
  }
  measureTools(request, model, meter)

  const lastUser = lastTurnOf(messages, 'user')
  const blocks = lastUser.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  return {
    system,
    turn: countTurns(messages),
    question: lastUser.map(({ content }) => textOf(content)).join('\n'),
    images: blocks.filter(({ type }) => type === 'image').length,
    documents: blocks.filter(({ type }) => type === 'document').length,
    toolResults: blocks.filter(({ type }) => type === 'tool_result').length,
    prefill: messages
      .slice(prefillStart)
      .map(({ content }) => textOf(content, ''))
      .join(''),
    inputTokens: Math.max(1, meter.tokens()),
    fingerprint: fingerprint.value(),
  }
}

/**
 * Tokens around the texts. An image is charged at the largest size the service scales down to,
 * 1,568 tokens (docs.claude.com, build-with-claude/vision), since its size is not read; a PDF or a
 * file as one page of text and image (build-with-claude/pdf-support: 1,500 to 3,000 text tokens a page).
 */
const overhead = { system: 3, message: 3, image: 1_568, document: 1_568 + 1_500, structure: 2 } as const

interface Meter {
  take(text: string, more?: number): void
  add(tokens: number): void
  tokens(): number
}

function createMeter(): Meter {
  let total = 0
  return {
    take: (text, more = 0) => {
      total += countTokens(text) + more
    },
    add: (tokens) => {
      total += tokens
    },
    tokens: () => total,
  }
}

function measureMessage({ content }: MessageParam, meter: Meter, isCurrentTurn: boolean): void {
  meter.add(overhead.message)
  if (typeof content === 'string') meter.take(content)
  else for (const block of content) measureBlock(block, meter, isCurrentTurn)
}

function measureBlock(block: InputBlock, meter: Meter, isCurrentTurn: boolean): void {
  if (block.type === 'text') meter.take(block.text)
  else if (block.type === 'image') meter.add(overhead.image)
  else if (block.type === 'document') measureDocument(block, meter)
  else if (block.type === 'thinking' || block.type === 'redacted_thinking') {
    // The service drops the thinking of earlier turns (build-with-claude/extended-thinking).
    if (isCurrentTurn) meter.take(block.type === 'thinking' ? block.thinking : block.data)
  } else if (block.type === 'tool_result') {
    meter.take(block.tool_use_id, overhead.structure)
    if (typeof block.content === 'string') meter.take(block.content)
    else for (const part of block.content ?? []) measureBlock(part, meter, isCurrentTurn)
  } else measureJson(block, meter)
}

function measureDocument(block: Extract<InputBlock, { type: 'document' }>, meter: Meter): void {
  meter.take(`${block.title ?? ''} ${block.context ?? ''}`, overhead.structure)
  const { source } = block
  if (source.type === 'text') meter.take(source.data)
  else if (source.type !== 'content') meter.add(overhead.document)
  else if (typeof source.content === 'string') meter.take(source.content)
  else for (const part of source.content) measureBlock(part, meter, true)
}

function measureTools({ tools, tool_choice: choice }: MessagesRequest, model: Model, meter: Meter): void {
  if (!tools || tools.length === 0) return
  for (const tool of tools) measureJson(tool, meter)
  const isForced = choice?.type === 'any' || choice?.type === 'tool'
  const added = valueOn(model.toolPromptTokens, model.factsAsOf)
  meter.add((isForced ? added?.forced : added?.auto) ?? 0)
}

/** Walks without recursion, for a client decides how deep its tools' inputs go. */
function measureJson(value: unknown, meter: Meter): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        if (!Array.isArray(next)) meter.take(name, 1)
        open.push(member)
      }
      meter.add(overhead.structure)
    } else meter.take(String(next), 1)
  }
}

/** The last user turn that is more than the results of tools; what follows it is the current turn. */
function lastQuestionIndex(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(
    ({ role, content }) =>
      role === 'user' && (typeof content === 'string' || content.some(({ type }) => type !== 'tool_result')),
  )
}

function lastTurnOf(messages: readonly MessageParam[], role: MessageParam['role']): readonly MessageParam[] {
  const end = messages.findLastIndex((message) => message.role === role)
  const before = messages.slice(0, end + 1).findLastIndex((message) => message.role !== role)
  return messages.slice(before + 1, end + 1)
}

function countTurns(messages: readonly MessageParam[]): number {
  return messages.filter(({ role }, index) => role === 'user' && messages[index - 1]?.role !== 'user').length
}

function textOf(content: MessageParam['content'], separator = '\n'): string {
  if (typeof content === 'string') return content
  return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join(separator)
}

/** Enough of a message to tell it from another: its texts, and of the rest what `JSON` makes of the ends. */
function identityOf(content: MessageParam['content']): string {
  if (typeof content === 'string') return content
  return content
    .map((block) => (block.type === 'text' ? block.text : `[${block.type} ${edgesOf(block)}]`))
    .join('\n')
}

/** The first and last characters of every string in a block: a picture differs there, and megabytes are not read. */
function edgesOf(block: InputBlock): string {
  const edges: string[] = []
  const open: unknown[] = [block]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) open.push(member)
    else edges.push(edgesOfText(String(next)))
  }
  return edges.join(' ')
}

function edgesOfText(text: string): string {
  return text.length <= 512 ? text : `${text.slice(0, 256)}${text.length}${text.slice(-256)}`
}
