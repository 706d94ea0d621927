import { describe, expect, test } from 'vitest'

import { resolve } from '@anthology/catalog'
import type { MessageParam, MessagesRequest } from '@anthology/wire'

import { readPrompt } from '../src/prompt.ts'
import type { Prompt } from '../src/prompt.ts'

describe('tokens', () => {
  test('a picture is 1,568 tokens, wherever it comes from', () => {
    const text = { type: 'text', text: 'What is this?' } as const
    const picture = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const

    const difference =
      read([{ role: 'user', content: [picture, text] }]).inputTokens -
      read([{ role: 'user', content: [text] }]).inputTokens

    expect(difference).toBe(1_568)
  })

  test('the thinking of an earlier turn is not counted, that of the current one is', () => {
    const thinking = { type: 'thinking', thinking: 'one two four five six', signature: 'x' } as const
    const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } as const
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' } as const
    const loop = (blocks: MessageParam['content']): MessageParam[] => [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: blocks },
      { role: 'user', content: [result] },
    ]
    const next: MessageParam[] = [
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'More' },
    ]

    expect(read(loop([thinking, use])).inputTokens - read(loop([use])).inputTokens).toBe(5)
    expect(read([...loop([thinking, use]), ...next]).inputTokens).toBe(
      read([...loop([use]), ...next]).inputTokens,
    )
  })

  test('a text is the same tokens as a string and as a block', () => {
    expect(read([{ role: 'user', content: 'Hello there' }]).inputTokens).toBe(
      read([{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }]).inputTokens,
    )
  })

  test('a deep tool input is walked without recursion', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { deep } } as const

    expect(
      read([
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [use] },
      ]).inputTokens,
    ).toBeGreaterThan(100_000)
  })
})

describe('the conversation', () => {
  test('consecutive messages of one role are one turn', () => {
    const prompt = read([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
      { role: 'user', content: 'd' },
      { role: 'user', content: 'e' },
    ])

    expect(prompt).toMatchObject({ turn: 2, question: 'd\ne', prefill: '' })
  })

  test('the assistant turns at the end are the prefill', () => {
    const prompt = read([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      },
    ])

    expect(prompt).toMatchObject({ turn: 1, question: 'a', prefill: 'bcd' })
  })

  test('the fingerprint tells models, systems, words and pictures apart, and leaves the prefill out', () => {
    const picture = (data: string) =>
      ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }) as const
    const plain = read([{ role: 'user', content: 'a' }])
    const others = [
      read([{ role: 'user', content: 'b' }]),
      read([{ role: 'user', content: 'a' }], { system: 's' }),
      read([{ role: 'user', content: 'a' }], { model: 'claude-opus-4-0' }),
      read([{ role: 'user', content: [{ type: 'text', text: 'a' }, picture('AAAA')] }]),
      read([{ role: 'user', content: [{ type: 'text', text: 'a' }, picture('BBBB')] }]),
    ]

    expect(new Set([plain, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(6)
    expect(
      read([
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'x' },
      ]).fingerprint,
    ).toBe(plain.fingerprint)
  })
})

function read(messages: readonly MessageParam[], more: Partial<MessagesRequest> = {}): Prompt {
  const request = { model: 'claude-opus-4-1', max_tokens: 10, messages, ...more }
  const found = resolve(request.model)
  if (!found.ok) throw new Error(`no model ${request.model}`)
  return readPrompt(request, found.model, 'seed')
}
