import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { InputBlock, MessageParam, MessagesRequest, OutputBlock } from '@anthology/wire'

import { computeFingerprint } from '../../src/random.ts'
import { toBlock, getOutputTokens } from '../../src/generate/completion.ts'
import type { CompletionBlock } from '../../src/generate/completion.ts'
import { think } from '../../src/thinking/think.ts'
import { selectTokenizer } from '@anthology/catalog'
import { verifyThinking } from '../../src/thinking/verification.ts'
import type { ThinkingCheck } from '../../src/thinking/verification.ts'

export const interleaved = 'interleaved-thinking-2025-05-14'
export const bindingControls = 'thinking-binding-controls-2026-08-01'

export interface ExchangeOptions {
  readonly betas?: readonly string[]
  readonly seed?: string
}

export type Body = Partial<MessagesRequest> & Pick<MessagesRequest, 'model' | 'messages'>

/** Returns the thinking of the answer to this body. */
export function createThinkingFor(body: Body, options: ExchangeOptions = {}): readonly CompletionBlock[] {
  const request = { max_tokens: 16_000, ...body }
  const { betas = [], seed = 'a seed' } = options
  const prompt = getPrompt(request)
  return think({ request, model: getModel(body.model), betas, prompt }, { seed })
}

/** Returns the thinking block; there must be exactly one. */
export function thoughtFor(body: Body, options: ExchangeOptions = {}): CompletionBlock {
  const [block, ...more] = createThinkingFor(body, options)
  if (!block || more.length > 0) throw new Error('not one block of thinking')
  return block
}

export function verify(body: Body, { betas = [], seed = 'a seed' }: ExchangeOptions = {}): ThinkingCheck {
  return verifyThinking({ request: body, model: getModel(body.model), betas }, seed)
}

/** Appends an answer to a conversation: its thinking, then its other blocks. */
export function answered(
  body: Body,
  more: readonly OutputBlock[],
  options: ExchangeOptions = {},
): readonly MessageParam[] {
  const content = [...createThinkingFor(body, options).map(toBlock), ...more] as readonly InputBlock[]
  return [...body.messages, { role: 'assistant', content }]
}

export function getTotal(blocks: readonly CompletionBlock[]): number {
  return blocks.reduce((sum, block) => sum + getOutputTokens(block), 0)
}

export function user(text: string): MessageParam {
  return { role: 'user', content: text }
}

export function call(id: string): OutputBlock {
  return { type: 'tool_use', id, name: 'get_weather', input: { city: 'Paris' } }
}

export function result(id: string): MessageParam {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '21 degrees' }] }
}

export const weather = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
} as const

export function getModel(id: string): Model {
  const model = models.find((each) => each.id === id)
  if (!model) throw new Error(`no model ${id}`)
  return model
}

function getPrompt({ messages, model }: MessagesRequest) {
  const last = messages.findLast(({ role }) => role === 'user')
  const blocks = !last || typeof last.content === 'string' ? [] : last.content
  return {
    toolResults: blocks.filter(({ type }) => type === 'tool_result').length,
    fingerprint: computeFingerprint(JSON.stringify(messages.filter(({ role }) => role === 'user'))),
    tokenizer: selectTokenizer(getModel(model)),
  }
}
