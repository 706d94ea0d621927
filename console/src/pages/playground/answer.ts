import type { Usage } from '@anthology/catalog'

import { isTooDeep } from './members.ts'

/** One content block of an answer, as far as it has arrived. */
export interface AnswerBlock {
  readonly type: string
  /** The text or the thinking, or the JSON of a tool's input. */
  readonly text: string
  /** The block as the API sent it, completed by the deltas. */
  readonly value: Readonly<Record<string, unknown>>
}

/** An answer, whole or as far as its stream has arrived. */
export interface Answer {
  readonly id: string | null
  readonly model: string | null
  readonly blocks: readonly AnswerBlock[]
  readonly stopReason: string | null
  readonly usage: Usage | null
}

export const emptyAnswer: Answer = { id: null, model: null, blocks: [], stopReason: null, usage: null }

type Json = Readonly<Record<string, unknown>>

/** Adds an event of the Messages API's stream to an answer. Unknown events change nothing. */
export function addEvent(answer: Answer, event: Json): Answer {
  switch (event['type']) {
    case 'message_start':
      return readMessage(asRecord(event['message']))
    case 'content_block_start':
      return setBlock(answer, event, readBlock(asRecord(event['content_block'])))
    case 'content_block_delta':
      return changeBlock(answer, event, (block) => addDelta(block, asRecord(event['delta'])))
    case 'content_block_stop':
      return changeBlock(answer, event, completeBlock)
    case 'message_delta': {
      const delta = asRecord(event['delta'])
      const usage = { ...answer.usage, ...dropNulls(asRecord(event['usage'])) } as Usage // As the API sends it.
      return { ...answer, usage, stopReason: readText(delta['stop_reason']) ?? answer.stopReason }
    }
    default:
      return answer
  }
}

/** Reads a whole message. */
export function readMessage(message: Json): Answer {
  const content = Array.isArray(message['content']) ? message['content'] : []
  return {
    id: readText(message['id']),
    model: readText(message['model']),
    blocks: content.map((block: unknown) => readBlock(asRecord(block))),
    stopReason: readText(message['stop_reason']),
    usage: asRecord(message['usage']),
  }
}

function readBlock(value: Json): AnswerBlock {
  const type = readText(value['type']) ?? 'unknown'
  const input = value['input']
  const isEmptyInput = typeof input === 'object' && input !== null && Object.keys(input).length === 0
  const text =
    readText(value['text']) ??
    readText(value['thinking']) ??
    (input === undefined || isEmptyInput ? '' : JSON.stringify(input, null, 2))
  return { type, text, value }
}

function addDelta(block: AnswerBlock, delta: Json): AnswerBlock {
  const { value, text } = block
  switch (delta['type']) {
    case 'text_delta':
      return { ...block, text: text + (readText(delta['text']) ?? '') }
    case 'thinking_delta':
      return { ...block, text: text + (readText(delta['thinking']) ?? '') }
    case 'input_json_delta':
      return { ...block, text: text + (readText(delta['partial_json']) ?? '') }
    case 'signature_delta':
      return { ...block, value: { ...value, signature: delta['signature'] } }
    case 'citations_delta': {
      const citations = Array.isArray(value['citations']) ? value['citations'] : []
      return { ...block, value: { ...value, citations: [...citations, delta['citation']] } }
    }
    default:
      return block
  }
}

/** Puts the text of the deltas into the block, as a client has to send it back. */
function completeBlock(block: AnswerBlock): AnswerBlock {
  const { type, text, value } = block
  if (type === 'text') return { ...block, value: { ...value, text } }
  if (type === 'thinking') return { ...block, value: { ...value, thinking: text } }
  if (text === '' || !('input' in value) || isTooDeep(text)) return block
  try {
    const input: unknown = JSON.parse(text)
    return { ...block, text: JSON.stringify(input, null, 2), value: { ...value, input } }
  } catch {
    return block
  }
}

function setBlock(answer: Answer, event: Json, block: AnswerBlock): Answer {
  const blocks = [...answer.blocks]
  blocks[readIndex(event, blocks.length)] = block
  return { ...answer, blocks }
}

function changeBlock(answer: Answer, event: Json, change: (block: AnswerBlock) => AnswerBlock): Answer {
  const at = readIndex(event, answer.blocks.length - 1)
  const block = answer.blocks[at]
  return block === undefined ? answer : { ...answer, blocks: answer.blocks.with(at, change(block)) }
}

/** The index of an event; one that would leave a gap is not used. */
function readIndex(event: Json, fallback: number): number {
  const index = event['index']
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index <= fallback + 1
    ? index
    : fallback
}

function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A null in the closing usage does not replace a figure of the opening one. */
function dropNulls(usage: Json): Json {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null))
}
