import { describe, expect, test } from 'vitest'

import { translateCountTokens } from '../../src/converse/count-tokens.ts'

const hi = { role: 'user', content: [{ text: 'Hi' }] }
const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }] }

describe('CountTokens', () => {
  test('takes a conversation, which has no limit', () => {
    const converse = {
      messages: [hi],
      system: [{ text: 'a' }],
      toolConfig,
      additionalModelRequestFields: { top_k: 1 },
    }

    expect(translateCountTokens({ input: { converse } }, { model: 'm' })).toEqual({
      ok: true,
      kind: 'converse',
      body: {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        system: [{ type: 'text', text: 'a' }],
        tools: [{ name: 'f', input_schema: {} }],
        top_k: 1,
      },
      betas: [],
      notices: [],
    })
  })

  test('takes the body of an InvokeModel call', () => {
    expect(translateCountTokens({ input: { invokeModel: { body: 'e30=' } } }, { model: 'm' })).toEqual({
      ok: true,
      kind: 'invoke_model',
      base64: 'e30=',
    })
  })

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['neither', { input: {} }],
    ['a conversation that is none', { input: { converse: { messages: [] } } }],
  ])('refuses %s', (_, given) => {
    expect(translateCountTokens(given, { model: 'm' })).toMatchObject({
      ok: false,
      problem: { type: 'ValidationException' },
    })
  })
})
