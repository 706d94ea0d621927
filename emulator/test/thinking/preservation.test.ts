import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InputBlock, MessageParam } from '@anthology/wire'

import { canRead, keepsEarlierThinking } from '../../src/thinking/preservation.ts'
import { answered, bindingControls, call, getModel, result, user, verify, weather } from './exchange.ts'
import type { Body } from './exchange.ts'

const accepted = { ok: true, dropped: [] }
const fable51 = 'claude-fable-5-1'
const system = 'You are a guide to the cities of Europe.'
const bound =
  'Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.'

test('Opus keeps earlier thinking from 4.5 on, Sonnet from 4.6, Fable and Mythos always', () => {
  const kept = (ids: readonly string[]) => ids.map((id) => keepsEarlierThinking(getModel(id)))

  expect(kept(['claude-opus-4-1-20250805', 'claude-opus-4-5-20251101', 'claude-opus-5-5'])).toEqual([
    false,
    true,
    true,
  ])
  expect(kept(['claude-sonnet-4-5-20250929', 'claude-sonnet-4-6', 'claude-sonnet-5'])).toEqual([
    false,
    true,
    true,
  ])
  expect(kept(['claude-haiku-4-5-20251001', 'claude-haiku-5-5'])).toEqual([false, true])
  expect(kept(['claude-fable-5', 'claude-mythos-preview', 'claude-mythos-5'])).toEqual([true, true, true])
})

describe('the model that a block is bound to', () => {
  test.each([
    ['claude-opus-4-1-20250805', 'claude-sonnet-4-20250514', true],
    ['claude-fable-5-1', 'claude-opus-5', true],
    ['claude-fable-5-1', 'claude-opus-5-5', true],
    ['claude-opus-5', 'claude-fable-5-1', false],
    ['claude-opus-5-5', 'claude-fable-5-1', false],
    ['claude-fable-5-1', 'claude-mythos-5-1', true],
    ['claude-fable-5-2', 'claude-mythos-5-2', true],
    ['claude-fable-5-2', 'claude-fable-5-1', false],
    ['claude-fable-5-2', 'claude-opus-5', false],
    ['claude-opus-5-5', 'claude-fable-5-2', false],
    ['claude-haiku-5-5', 'claude-haiku-5-5', true],
    ['claude-haiku-5-5', 'claude-opus-5', false],
    ['claude-opus-5', 'claude-haiku-5-5', true],
    ['claude-sonnet-5-5', 'claude-opus-5-5', false],
  ])('lets %s read %s: %s', (reader, writer, readable) => {
    expect(canRead(getModel(reader), getModel(writer))).toBe(readable)
  })

  test('causes another model to drop it without an error, and to report it', () => {
    const body = { ...getConversation('claude-fable-5-2'), model: 'claude-opus-5' }

    expect(verify(body)).toEqual({
      ok: true,
      dropped: [
        { type: 'thinking_dropped', path: 'messages.1.content.0', reason: 'model_binding_mismatch' },
        { type: 'thinking_dropped', path: 'messages.3.content.0', reason: 'model_binding_mismatch' },
      ],
    })
  })

  test('does not make an unsigned block acceptable', () => {
    const body = { ...getConversation('claude-fable-5-2'), model: 'claude-opus-5' }

    expect(verify(body, { seed: 'b seed' })).toEqual({
      ok: false,
      message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
    })
  })
})

describe('the conversation that a block is bound to', () => {
  const body = getConversation(fable51)

  test('is accepted unchanged, and continued', () => {
    expect(verify(body)).toEqual(accepted)
    expect(verify({ ...body, messages: [...body.messages, user('One more thing.')] })).toEqual(accepted)
  })

  test('must not have another system prompt', () => {
    expect(verify({ ...body, system: `${system} Be brief.` })).toEqual({
      ok: false,
      message: `messages.1.content.0: ${bound} The \`system\` prompt differs from the one this block was created with.`,
    })
  })

  test('must not have other tools, or the same in another order', () => {
    const other = { ...weather, name: 'get_news' }
    for (const tools of [[], [other], [weather, other]])
      expect(verify({ ...body, tools })).toMatchObject({
        ok: false,
        message: expect.stringContaining(`messages.1.content.0: ${bound} The \`tools\``),
      })
  })

  test('must not have other messages before the block', () => {
    const [, ...later] = body.messages
    const changed = { ...body, messages: [user('What is the weather in Rome?'), ...later] }

    expect(verify(changed)).toMatchObject({
      ok: false,
      message: expect.stringContaining(`messages.1.content.0: ${bound} The \`messages\``),
    })
  })

  test('may have additional deferred tools', () => {
    const tools = [weather, { ...weather, name: 'get_news', defer_loading: true }]

    expect(verify({ ...body, tools })).toEqual(accepted)
  })

  test('may have cache_control elsewhere, and its texts as blocks', () => {
    const cache_control = { type: 'ephemeral' } as const
    const [asked, ...later] = body.messages
    const text = typeof asked?.content === 'string' ? asked.content : ''
    const marked: Body = {
      ...body,
      system: [{ type: 'text', text: system, cache_control }],
      tools: [{ ...weather, cache_control }],
      messages: [{ role: 'user', content: [{ type: 'text', text, cache_control }] }, ...later],
    }

    expect(verify(marked)).toEqual(accepted)
  })

  test('may have another billing line of Claude Code', () => {
    const billed = (version: string) => [
      {
        type: 'text' as const,
        text: `x-anthropic-billing-header: cc_version=${version}; cc_entrypoint=sdk-cli;`,
      },
      { type: 'text' as const, text: system },
    ]

    expect(verify({ ...body, system: billed('2.1.330.abc') })).toEqual(accepted)
    expect(verify({ ...body, system: billed('2.1.330.abc').toReversed() })).toMatchObject({ ok: false })
  })

  test('may lose thinking from the first block on, but not from the middle', () => {
    const long = nextTurn(body, 'And on Sunday?')
    const leaving = (indexes: readonly number[]): Body => ({
      ...long,
      messages: long.messages.map((message, index) =>
        indexes.includes(index) ? withoutThinking(message) : message,
      ),
    })

    expect(verify(long)).toEqual(accepted)
    expect(verify(leaving([1]))).toEqual(accepted)
    expect(verify(leaving([1, 3]))).toEqual(accepted)
    expect(verify(leaving([3]))).toMatchObject({
      ok: false,
      message: expect.stringContaining('messages.5.content.0: Invalid `signature` in `thinking` block. The'),
    })
  })

  test('may be changed if blocks are to be dropped, and every later block is dropped with the first', () => {
    const [asked, answer, , ...later] = body.messages
    const messages = [asked, answer, user('Never mind the weather.'), ...later.slice(0)].filter(
      (each) => !!each,
    )
    const dropping: Body = {
      ...nextTurn({ ...body, messages }, 'And on Sunday?'),
      thinking: drop_block,
    }
    const edited = {
      ...dropping,
      messages: [user('What is the weather in Rome?'), ...dropping.messages.slice(1)],
    }

    const reason = 'prefix_binding_mismatch'
    expect(verify(edited, { betas: [bindingControls] })).toEqual({
      ok: true,
      dropped: [1, 3, 5].map((at) => ({
        type: 'thinking_dropped',
        path: `messages.${at}.content.0`,
        reason,
      })),
    })
    expect(verify(edited)).toMatchObject({ ok: false })
  })

  test('drops every later block after the first dropped one, although it is valid by itself', () => {
    const long = nextTurn(nextTurn({ ...body, thinking: drop_block }, 'And on Sunday?'), 'On Monday?')
    const messages = long.messages.map((message, index) => (index === 3 ? withoutThinking(message) : message))

    expect(verify({ ...long, messages }, { betas: [bindingControls] })).toMatchObject({
      dropped: [{ path: 'messages.5.content.0' }, { path: 'messages.7.content.0' }],
    })
  })

  test('may split a message into two of the same role', () => {
    const two = { ...body, messages: [user('I am off to Paris.'), user('What is the weather there?')] }
    const [thought] = answered(two, []).slice(2)
    const content = two.messages.flatMap(({ content: text }) =>
      typeof text === 'string' ? [{ type: 'text' as const, text }] : text,
    )
    const messages = [{ role: 'user' as const, content }, ...(thought ? [thought] : []), user('Thanks.')]

    expect(thought?.content).toHaveLength(1)
    expect(verify({ ...two, messages })).toEqual(accepted)
  })

  test('is not verified by models before Fable 5.1, nor by Mythos 5.1', () => {
    for (const model of ['claude-opus-5', 'claude-fable-5', 'claude-mythos-5-1'])
      expect(verify({ ...getConversation(model), system: 'Something else.' })).toEqual(accepted)
    for (const model of ['claude-fable-5-2', 'claude-mythos-5-2', 'claude-opus-5-5', 'claude-haiku-5-5'])
      expect(verify({ ...getConversation(model), system: 'Something else.' })).toMatchObject({ ok: false })
  })
})

test('any conversation whose answers are returned unchanged is accepted, and nothing is dropped', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('text' as const), text: fc.string({ minLength: 1 }) }),
      fc.record({ kind: fc.constant('tool' as const), text: fc.string({ minLength: 1 }) }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  const bodies = fc.record({
    config: fc.constantFrom(
      ...(
        ['claude-3-7-sonnet-20250219', 'claude-opus-4-1-20250805', 'claude-opus-4-5-20251101'] as const
      ).map((model) => ({ model, thinking: { type: 'enabled', budget_tokens: 1_024 } as const })),
      ...(
        [
          'claude-opus-4-6',
          'claude-sonnet-5',
          'claude-fable-5-1',
          'claude-opus-5-5',
          'claude-fable-5-2',
        ] as const
      ).map((model) => ({ model, thinking: { type: 'adaptive', display: 'summarized' } as const })),
      { model: 'claude-sonnet-5-5', thinking: { type: 'between_tools' } as const },
    ),
    system: fc.string(),
    max_tokens: fc.integer({ min: 1_025, max: 8_000 }),
    question: fc.string({ minLength: 1 }),
    betas: fc.constantFrom([], ['interleaved-thinking-2025-05-14']),
  })
  fc.assert(
    fc.property(bodies, steps, fc.string(), ({ config, question, betas, ...rest }, turns, seed) => {
      let body: Body = { ...config, ...rest, tools: [weather], messages: [user(question)] }
      for (const [index, { kind, text }] of turns.entries()) {
        const id = `toolu_${index}`
        const answer = kind === 'tool' ? call(id) : ({ type: 'text', text } as const)
        const messages = answered(body, [answer], { betas, seed })
        body = { ...body, messages: [...messages, kind === 'tool' ? result(id) : user(text)] }
        expect(verify(body, { betas, seed })).toEqual(accepted)
      }
    }),
  )
})

const drop_block: NonNullable<Body['thinking']> = Object.assign(
  { type: 'adaptive' as const },
  { block_binding: { prefix_mismatch_behavior: 'drop_block' as const } },
)

/** A conversation with a question, a call, its result, an answer and another question. */
function getConversation(model: string): Body {
  const body: Body = { model, system, tools: [weather], messages: [user(`What is the weather in Paris?`)] }
  const thinking = { type: 'adaptive' } as const
  const called = {
    ...body,
    thinking,
    messages: [...answered({ ...body, thinking }, [call('toolu_1')]), result('toolu_1')],
  }
  return nextTurn(called, 'What should I wear there?')
}

function nextTurn(body: Body, question: string): Body {
  return { ...body, messages: [...answered(body, [{ type: 'text', text: 'It is warm.' }]), user(question)] }
}

function withoutThinking(message: MessageParam): MessageParam {
  const content: readonly InputBlock[] = typeof message.content === 'string' ? [] : message.content
  return { ...message, content: content.filter(({ type }) => type !== 'thinking') }
}
