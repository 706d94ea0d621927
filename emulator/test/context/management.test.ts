import { describe, expect, test } from 'vitest'
import type { ContextEdit, MessageParam } from '@anthology/wire'

import { createEmulator } from '../../src/index.ts'
import { accept, words } from '../cache/calls.ts'
import { collect, getJson, getMessage, parseEvents } from '../collecting-receiver.ts'

const emulator = createEmulator()
const beta = { 'anthropic-beta': 'context-management-2025-06-27' }
const tools = [{ name: 'look', input_schema: { type: 'object' as const } }]

describe('clear_tool_uses_20250919', () => {
  test('clears the oldest results and keeps three, once the trigger is exceeded', () => {
    const managed = manage(loop(5), { trigger: { type: 'tool_uses', value: 4 } })

    // Two results of 100 tokens each become the tokens of the placeholder.
    expect(managed.applied).toEqual([
      {
        type: 'clear_tool_uses_20250919',
        cleared_tool_uses: 2,
        cleared_input_tokens: 2 * (100 - placeholderTokens),
      },
    ])
    expect(managed.originalTokens - managed.inputTokens).toBe(2 * (100 - placeholderTokens))
  })

  test('does nothing up to the trigger, which is 100,000 tokens by default', () => {
    expect(manage(loop(5), { trigger: { type: 'tool_uses', value: 5 } }).applied).toEqual([])
    expect(manage(loop(5), {}).applied).toEqual([])
    expect(manage(loop(4, 30_000), {}).applied).toMatchObject([{ cleared_tool_uses: 1 }])
    expect(manage(loop(5), { trigger: { type: 'input_tokens', value: 100 } }).applied).toHaveLength(1)
  })

  test('keeps the requested number of results, and excluded tools', () => {
    const trigger = { type: 'tool_uses', value: 1 }

    expect(manage(loop(5), { trigger, keep: { type: 'tool_uses', value: 0 } }).applied).toMatchObject([
      { cleared_tool_uses: 5 },
    ])
    expect(manage(loop(5), { trigger, keep: { type: 'tool_uses', value: 9 } }).applied).toEqual([])
    expect(manage(loop(5), { trigger, exclude_tools: ['look'] }).applied).toEqual([])
    expect(manage(loop(5), { trigger, exclude_tools: ['other'] }).applied).toHaveLength(1)
  })

  test('does nothing if it would clear less than clear_at_least', () => {
    const trigger = { type: 'tool_uses', value: 1 }
    const cleared = 2 * (100 - placeholderTokens)

    expect(
      manage(loop(5), { trigger, clear_at_least: { type: 'input_tokens', value: cleared } }).applied,
    ).toHaveLength(1)
    expect(
      manage(loop(5), { trigger, clear_at_least: { type: 'input_tokens', value: cleared + 1 } }).applied,
    ).toEqual([])
  })

  test('clears the inputs as well if requested', () => {
    const trigger = { type: 'tool_uses', value: 1 }
    const clearedTokens = (clear_tool_inputs: unknown) =>
      manage(loop(5), { trigger, clear_tool_inputs }).applied[0]?.cleared_input_tokens ?? 0

    expect(clearedTokens(true)).toBeGreaterThan(clearedTokens(false))
    expect(clearedTokens(['look'])).toBe(clearedTokens(true))
    expect(clearedTokens(['other'])).toBe(clearedTokens(false))
  })

  test('does not clear results that are shorter than the placeholder', () => {
    expect(manage(loop(5, 1), { trigger: { type: 'tool_uses', value: 1 } }).applied).toEqual([])
  })
})

describe('clear_thinking_20251015', () => {
  test('keeps the thinking of one turn by default, or of the requested number', () => {
    const kept = [
      undefined,
      { type: 'thinking_turns', value: 2 },
      { type: 'thinking_turns', value: 3 },
      'all',
    ]

    expect(kept.map((keep) => manageThinking(keep).applied)).toEqual([
      [
        {
          type: 'clear_thinking_20251015',
          cleared_thinking_turns: 2,
          cleared_input_tokens: 2 * thoughtTokens,
        },
      ],
      [{ type: 'clear_thinking_20251015', cleared_thinking_turns: 1, cleared_input_tokens: thoughtTokens }],
      [],
      [],
    ])
  })

  test('keeps earlier thinking for a model that would drop it', () => {
    const forgetful = {
      model: 'claude-opus-4-1',
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
    }
    const messages = conversation()
    const plain = accept({ ...forgetful, messages }).prompt.inputTokens
    const kept = accept({
      ...forgetful,
      messages,
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: { type: 'all' } }] },
    }).prompt.inputTokens

    expect(kept).toBeGreaterThan(plain)
  })
})

describe('over the wire', () => {
  const edits = [{ type: 'clear_tool_uses_20250919', trigger: { type: 'tool_uses', value: 1 } }]
  const body = {
    model: 'claude-opus-4-5',
    max_tokens: 100,
    tools,
    messages: loop(5),
    context_management: { edits },
  }

  test('the response reports the cleared tokens, and is billed for the rest', async () => {
    const message = await getMessage(emulator, body, beta)
    const { context_management: _none, ...whole } = body
    const unmanaged = await getMessage(emulator, whole)
    const { max_tokens: _most, ...counted } = body
    const count = getJson(
      await collect(emulator, { path: '/v1/messages/count_tokens', headers: beta, body: counted }),
    )
    const cleared = 2 * (100 - placeholderTokens)

    expect(message).toMatchObject({
      context_management: {
        applied_edits: [
          { type: 'clear_tool_uses_20250919', cleared_tool_uses: 2, cleared_input_tokens: cleared },
        ],
      },
    })
    expect(unmanaged).not.toHaveProperty('context_management')
    expect(message.usage.input_tokens).toBe(unmanaged.usage.input_tokens - cleared)
    expect(count).toEqual({
      input_tokens: message.usage.input_tokens,
      context_management: { original_input_tokens: unmanaged.usage.input_tokens },
    })
  })

  test('a stream reports it with its last usage', async () => {
    const { bytes } = await collect(emulator, { body: { ...body, stream: true }, headers: beta })
    const events = parseEvents(bytes)
    const told = events.filter((event) => JSON.stringify(event).includes('applied_edits'))

    expect(told).toMatchObject([{ type: 'message_delta', context_management: { applied_edits: [{}] } }])
  })

  test('an empty list is reported if nothing was cleared', async () => {
    const message = await getMessage(emulator, { ...body, messages: loop(1) }, beta)

    expect(message).toMatchObject({ context_management: { applied_edits: [] } })
  })

  test('clearing something in a cached prefix invalidates it', async () => {
    const mark = { type: 'ephemeral' }
    const whole = { ...body, messages: loop(5, 2_000), cache_control: mark, context_management: undefined }
    const cached = { ...whole, context_management: { edits } }

    const first = await getMessage(emulator, whole)
    const again = await getMessage(emulator, whole)
    const cleared = await getMessage(emulator, cached, beta)

    expect(again.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens)
    expect(cleared.usage.cache_read_input_tokens).toBe(0)
  })
})

/** The tokens of `[Old tool result cleared]`. */
const placeholderTokens = 8
const thoughtTokens = 500

function manage(messages: readonly MessageParam[], options: Omit<ContextEdit, 'type'>) {
  const { prompt } = accept({
    model: 'claude-opus-4-5',
    tools,
    messages,
    context_management: { edits: [{ type: 'clear_tool_uses_20250919', ...options }] },
  })
  if (!prompt.managed) throw new Error('not managed')
  return { ...prompt.managed, inputTokens: prompt.inputTokens }
}

function manageThinking(keep: unknown) {
  const edit = { type: 'clear_thinking_20251015' as const, ...(keep !== undefined && { keep }) }
  const { prompt } = accept({
    model: 'claude-opus-5',
    messages: conversation(),
    context_management: { edits: [edit] },
  })
  if (!prompt.managed) throw new Error('not managed')
  return prompt.managed
}

/** Three turns with thinking, and the start of a fourth. */
function conversation(): MessageParam[] {
  const turns = Array.from({ length: 3 }, (): MessageParam[] => [
    { role: 'user', content: 'Go on.' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: words(thoughtTokens), signature: 'of somebody else' },
        { type: 'text', text: 'Done.' },
      ],
    },
  ])
  return [...turns.flat(), { role: 'user', content: 'And on.' }]
}

/** A number of tool calls, each with a result of a number of tokens. */
function loop(calls: number, resultTokens = 100): MessageParam[] {
  const rounds = Array.from({ length: calls }, (_, index): MessageParam[] => {
    const id = `toolu_${index}`
    return [
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'look', input: { at: words(5) } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: words(resultTokens) }] },
    ]
  })
  return [{ role: 'user', content: 'Look around.' }, ...rounds.flat()]
}
