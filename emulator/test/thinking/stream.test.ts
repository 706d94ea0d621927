import { describe, expect, test } from 'vitest'
import type { Message, StreamEvent } from '@anthology/wire'

import { createStreamEvents } from '../../src/message/stream-events.ts'
import { toBlock } from '../../src/generate/completion.ts'
import type { Completion } from '../../src/generate/completion.ts'
import { textTokenizers } from '@anthology/catalog'
import { truncate } from '../../src/generate/truncate.ts'
import { createThinkingFor, user } from './exchange.ts'
import type { Body } from './exchange.ts'

const question = user('Explain to me in some detail how a suspension bridge carries its load, please.')
const opus41 = 'claude-opus-4-1-20250805'
const thinking = { type: 'enabled', budget_tokens: 2_000 } as const
const redacting = user(
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB',
)

describe('thinking in a stream', () => {
  test('is sent in deltas, and its signature in one, just before its end', () => {
    const completion = createCompletion({ model: opus41, thinking, messages: [question] })
    const events = getEvents(completion).filter(getIsFirstBlock)

    const [start, ...deltas] = events
    const [signed, stop] = deltas.splice(-2)
    const [block] = completion.blocks.map(toBlock)
    if (block?.type !== 'thinking') throw new Error('no thinking')
    expect(start).toMatchObject({ content_block: { type: 'thinking', thinking: '', signature: '' } })
    expect(deltas.length).toBeGreaterThan(3)
    expect(deltas.map(getThinking).join('')).toBe(block.thinking)
    expect(signed).toEqual({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'signature_delta', signature: block.signature },
    })
    expect(stop).toEqual({ type: 'content_block_stop', index: 0 })
  })

  test('is only a signature if it is not shown', () => {
    const events = getEvents(createCompletion({ model: 'claude-opus-5-5', messages: [question] }))

    expect(events.filter(getIsFirstBlock).map(getName)).toEqual([
      'content_block_start',
      'signature_delta',
      'content_block_stop',
    ])
  })

  test('is sent whole if it is redacted', () => {
    const completion = createCompletion({ model: opus41, thinking, messages: [redacting] })
    const events = getEvents(completion).filter(getIsFirstBlock)

    expect(events.map(getName)).toEqual(['content_block_start', 'content_block_stop'])
    expect(events[0]).toMatchObject({ content_block: completion.blocks.map(toBlock)[0] })
  })

  test('precedes the text', () => {
    const events = getEvents(createCompletion({ model: opus41, thinking, messages: [question] }))
    const starts = events.flatMap((event) => (event.type === 'content_block_start' ? [event] : []))

    expect(starts.map(({ index, content_block }) => [index, content_block.type])).toEqual([
      [0, 'thinking'],
      [1, 'text'],
    ])
  })
})

describe('the tokens of thinking', () => {
  test('are output tokens in full, however little is shown', () => {
    for (const display of ['summarized', 'omitted'] as const) {
      const completion = createCompletion({
        model: opus41,
        thinking: { ...thinking, display },
        messages: [question],
      })
      const [thought] = completion.blocks
      const hidden = thought?.kind === 'thinking' ? thought.hiddenTokens : 0

      expect(hidden).toBeGreaterThan(50)
      expect(completion.thinkingTokens).toBe(hidden)
      expect(completion.outputTokens).toBe(hidden + answerTokens)
    }
  })

  test('count against max_tokens', () => {
    const completion = createCompletion(
      { model: opus41, thinking, messages: [question], max_tokens: 1_500 },
      'word '.repeat(2_000),
    )

    expect(completion.outputTokens).toBe(1_500)
    expect(completion.stopReason).toBe('max_tokens')
    expect(completion.blocks.map(({ kind }) => kind)).toEqual(['thinking', 'text'])
  })
})

/** A piece is up to four letters; `hangs` and `cables` are two each. */
const answerTokens = 9

function createCompletion(body: Body, answer = 'The deck hangs from the cables.'): Completion {
  const limits = { maxTokens: body.max_tokens ?? 16_000, cutReason: 'max_tokens', stopSequences: [] } as const
  const tokenizer = textTokenizers['before-4.7']
  return truncate([...createThinkingFor(body), { kind: 'text_draft', parts: [answer] }], {
    ...limits,
    tokenizer,
  })
}

function getEvents(completion: Completion): readonly StreamEvent[] {
  const message: Message = {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: opus41,
    content: completion.blocks.map(toBlock),
    stop_reason: completion.stopReason,
    stop_sequence: null,
    usage: {
      input_tokens: 1,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: null,
      output_tokens: completion.outputTokens,
      service_tier: 'standard',
    },
  }
  return Array.from(createStreamEvents(message, completion), ({ event }) => event)
}

function getIsFirstBlock(event: StreamEvent): boolean {
  return 'index' in event && event.index === 0
}

function getThinking(event: StreamEvent): string {
  return event.type === 'content_block_delta' && event.delta.type === 'thinking_delta'
    ? event.delta.thinking
    : ''
}

function getName(event: StreamEvent): string {
  return event.type === 'content_block_delta' ? event.delta.type : event.type
}
