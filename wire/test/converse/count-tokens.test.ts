import { describe, expect, test } from 'vitest'

import { translateCountTokens } from '../../src/converse/count-tokens.ts'

const hi = { role: 'user', content: [{ text: 'Hi' }] }
const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }

describe('CountTokens', () => {
  test('accepts a conversation without max_tokens', () => {
    const converse = {
      messages: [hi],
      system: [{ text: 'a' }],
      toolConfig,
      additionalModelRequestFields: { top_k: 1 },
    }

    expect(translateCountTokens(converse, { model: 'm' })).toEqual({
      ok: true,
      body: {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        system: [{ type: 'text', text: 'a' }],
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        top_k: 1,
      },
      betas: [],
      notices: [],
    })
  })

  test.each<[string, unknown]>([
    ['nothing', null],
    ['no messages', { system: [{ text: 'a' }] }],
    ['an empty conversation', { messages: [] }],
  ])('rejects %s', (_, given) => {
    expect(translateCountTokens(given, { model: 'm' })).toMatchObject({
      ok: false,
      problem: { type: 'ValidationException' },
    })
  })

  test('reports a problem with its path in the whole body', () => {
    expect(
      translateCountTokens({ messages: [{ role: 'robot', content: [] }] }, { model: 'm' }),
    ).toMatchObject({
      problem: { message: expect.stringContaining("Value at 'input.converse.messages.1.member.role'") },
    })
  })
})
