import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { reject, translate, translateText, tryTranslate } from './translated.ts'

describe('messages', () => {
  test('of system and developer move to the front, joined by a line break', () => {
    const { body } = translate({
      messages: [
        { role: 'system', content: 'Be calm.', name: 'x' },
        { role: 'user', content: 'Hi' },
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Be ' },
            { type: 'text', text: 'brief.' },
          ],
        },
      ],
    })

    expect(body).toEqual({
      model: 'claude-opus-4-1',
      max_tokens: 4_096,
      system: 'Be calm.\nBe brief.',
      messages: [{ role: 'user', content: 'Hi' }],
    })
  })

  test('of system keep their cache marks, and the same text', () => {
    const mark = { type: 'ephemeral' }
    const { body } = translate({
      system: 'You are Claude.',
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Be ' },
            { type: 'text', text: 'calm.', cache_control: mark },
          ],
        },
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    })

    expect(body['system']).toEqual([
      { type: 'text', text: 'You are Claude.\nBe calm.', cache_control: mark },
      { type: 'text', text: '\nBe brief.' },
    ])
  })

  test('of one role become one message', () => {
    const { body } = translate({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
        { role: 'assistant', content: 'c' },
        { role: 'assistant', content: [{ type: 'text', text: 'd' }] },
        { role: 'user', content: 'e' },
      ],
    })

    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      },
      { role: 'user', content: 'e' },
    ])
  })

  test.each([null, '', ' \n', [], [{ type: 'text', text: ' ' }]])(
    'of the assistant with the content %j are left out, so that a conversation can continue',
    (content) => {
      const { body, notices } = translate({
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content, refusal: null },
          { role: 'user', content: 'b' },
        ],
      })

      expect(body['messages']).toEqual([
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ])
      expect(notices).toContain('empty assistant messages were left out')
    },
  )

  test('of the user lose their blank texts, but a last one without any content is left for the API to reject', () => {
    const parts = [
      { type: 'text', text: '' },
      { type: 'text', text: 'a' },
    ]
    const answer = { role: 'assistant', content: 'b' }

    const kept = translate({ messages: [{ role: 'user', content: parts }] })
    const empty = translate({
      messages: [{ role: 'user', content: parts }, answer, { role: 'user', content: '' }],
    })

    expect(kept.body['messages']).toEqual([{ role: 'user', content: 'a' }])
    expect(kept.notices).toEqual(['blank texts were left out'])
    expect(empty.body['messages']).toMatchObject([{}, {}, { role: 'user', content: [] }])
  })

  test('of the assistant keep what was refused', () => {
    const refusal = 'I cannot help with that.'
    const messages = (turn: object) => [
      { role: 'user', content: 'a' },
      { role: 'assistant', ...turn },
    ]
    const expected = [{}, { role: 'assistant', content: refusal }]

    expect(
      translate({ messages: messages({ content: [{ type: 'refusal', refusal }] }) }).body['messages'],
    ).toMatchObject(expected)
    expect(translate({ messages: messages({ content: null, refusal }) }).body['messages']).toMatchObject(
      expected,
    )
  })

  test('of the assistant join their texts, whose blank parts separate words, and do not end in whitespace', () => {
    const text = (words: string) => ({ type: 'text', text: words })
    const content = [text('a'), text(' '), text('b \n')]

    expect(translate({ messages: [{ role: 'assistant', content }] }).body['messages']).toEqual([
      { role: 'assistant', content: 'a b' },
    ])
  })

  test('keep cache marks of parts, of messages and of the request', () => {
    const mark = { type: 'ephemeral', ttl: '1h' }
    const { body } = translate({
      cache_control: { type: 'ephemeral' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'a', cache_control: mark }] },
        { role: 'assistant', content: 'b', cache_control: mark },
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://a/b.png' }, cache_control: mark }],
        },
      ],
    })

    expect(body['cache_control']).toEqual({ type: 'ephemeral' })
    expect(body['messages']).toMatchObject([
      { content: [{ text: 'a', cache_control: mark }] },
      { content: [{ text: 'b', cache_control: mark }] },
      { content: [{ type: 'image', cache_control: mark }] },
    ])
  })

  test('in the form of the Messages API stay as they are', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }
    const document = {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'x' },
      title: 't',
    }
    const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { b: 1, a: 2 } }
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'ok' }] }
    const thought = { type: 'thinking', thinking: 'Hm', signature: 's' }
    const messages = [
      { role: 'user', content: [image, document] },
      { role: 'assistant', content: [thought, { type: 'text', text: 'x' }, use] },
      { role: 'user', content: [result, { type: 'text', text: 'go on' }] },
    ]

    expect(translate({ messages })).toMatchObject({ body: { messages }, notices: [] })
  })

  test('lose the reasoning of other models, with a notice', () => {
    const { body, notices } = translate({
      messages: [
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
            { type: 'text', text: 'b' },
          ],
          reasoning_content: 'Hm',
          reasoning: null,
          annotations: [],
        },
        { role: 'user', content: 'c', name: 'ann' },
      ],
    })

    expect(body['messages']).toMatchObject([{}, { content: 'b' }, { content: 'c' }])
    expect(notices).toEqual([
      'without effect on this endpoint: reasoning_content of messages, thinking parts of assistant messages, name of messages',
    ])
  })
})

describe('settings', () => {
  test.each<[string, object, object]>([
    ['max_tokens', { max_tokens: 7 }, { max_tokens: 7 }],
    [
      'max_completion_tokens takes precedence',
      { max_tokens: 7, max_completion_tokens: 8 },
      { max_tokens: 8 },
    ],
    ['a temperature above 1 is capped', { temperature: 1.7 }, { temperature: 1 }],
    ['a temperature', { temperature: 0.3, top_p: null }, { temperature: 0.3 }],
    ['top_p', { top_p: 0.5 }, { top_p: 0.5 }],
    ['one stop', { stop: 'END' }, { stop_sequences: ['END'] }],
    ['stops that are not blank', { stop: ['\n', 'END'] }, { stop_sequences: ['END'] }],
    ['stream', { stream: true }, { stream: true }],
    ['one choice', { n: 1 }, {}],
    [
      'thinking',
      { thinking: { type: 'enabled', budget_tokens: 2_000 } },
      { thinking: { type: 'enabled', budget_tokens: 2_000 } },
    ],
  ])('%s', (_, given, expected) => {
    const { model: _model, messages: _messages, ...settings } = translate(given).body

    expect(settings).toEqual({ max_tokens: 4_096, ...expected })
  })

  test('without effect are named', () => {
    const { notices } = translate({ seed: 1, logit_bias: {}, user: null, stop: [' '], response_format: {} })

    expect(notices).toEqual([
      'without effect on this endpoint: seed, logit_bias, response_format, stop sequences of whitespace',
    ])
  })

  test('without effect include parts of other types and roles, each named once', () => {
    const picture = { type: 'image_url', image_url: { url: 'https://a/b.png' } }
    const audio = { type: 'input_audio', input_audio: {} }
    const { notices } = translate({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'a' }, picture] },
        { role: 'user', content: [{ type: 'text', text: 'b' }, picture, audio, audio] },
      ],
    })

    expect(notices).toEqual([
      'without effect on this endpoint: image_url parts of system messages, input_audio parts of user messages',
    ])
  })
})

describe('a problem names', () => {
  test.each<[string, object, string]>([
    ['missing messages', { messages: undefined }, 'messages: Field required'],
    ['a role', { messages: [{ role: 'robot' }] }, 'messages.0.role: '],
    ['a part', { messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content.0.type: '],
    ['several choices', { n: 2 }, 'n: '],
    ['a result without a call', { messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.tool_call_id: '],
    ['a choice', { tool_choice: 'some' }, 'tool_choice: '],
  ])('%s', (_, more, beginning) => {
    expect(reject(more).slice(0, beginning.length)).toBe(beginning)
  })

  test('a body that is not JSON, not an object, or without a model', () => {
    expect(tryTranslate('{')).toMatchObject({ problem: { message: 'The request body is not valid JSON' } })
    expect(tryTranslate('[]')).toMatchObject({ ok: false, problem: { path: '' } })
    expect(tryTranslate('{"messages":[]}')).toMatchObject({ ok: false, problem: { path: 'model' } })
  })
})

describe('nesting', () => {
  const nest = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const withTool = (depth: number) =>
    `{"model":"m","messages":[],"tools":[{"function":{"name":"f","parameters":${nest(depth)}}}]}`
  const withArguments = (depth: number) =>
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: nest(depth) } }] },
      ],
    })

  test('of 200 levels is accepted', () => {
    expect(tryTranslate(withTool(196)).ok).toBe(true)
    expect(tryTranslate(withArguments(200)).ok).toBe(true)
  })

  test.each([201, 5_000, 500_000])('of %i levels is rejected, wherever it is', (depth) => {
    const message = 'The JSON is nested deeper than 200 levels'

    for (const text of [
      withTool(depth),
      withArguments(depth),
      `{"model":"m","messages":[],"x":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    ])
      expect(tryTranslate(text)).toMatchObject({ ok: false, problem: { message } })
  })
})

test('a body with more than 100,000 values is rejected, and so are arguments of calls together', () => {
  const list = (length: number) => `[${Array.from({ length }, () => 1).join(',')}]`
  const withArguments = (length: number) => {
    const call = { id: 'a', function: { name: 'f', arguments: `{"x":${list(length)}}` } }
    return JSON.stringify({ model: 'm', messages: [{ role: 'assistant', tool_calls: [call, call] }] })
  }
  const withMember = (length: number) => `{"model":"m","messages":[],"x":${list(length)}}`

  expect([withMember(99_000), withArguments(49_000)].map((text) => tryTranslate(text).ok)).toEqual([
    true,
    true,
  ])
  for (const text of [withMember(100_001), withArguments(51_000)])
    expect(tryTranslate(text)).toMatchObject({
      ok: false,
      problem: { message: 'The JSON has more than 100000 values' },
    })
})

test('any JSON is translated or rejected', () => {
  const names = [
    'model',
    'messages',
    'role',
    'content',
    'tools',
    'function',
    'tool_calls',
    'type',
    'stop',
    'n',
    'user',
    'assistant',
    'tool',
    'tool_use',
    'tool_call_id',
    'input',
    'arguments',
    'text',
  ]
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, true, ...names),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 6 }),
    ),
  })).any
  fc.assert(
    fc.property(value, fc.array(value), (body, messages) => {
      for (const given of [body, { model: 'm', messages }]) {
        const result = tryTranslate(JSON.stringify(given))
        if (result.ok) expect(() => JSON.parse(result.body)).not.toThrow()
      }
    }),
  )
})

test('the digits and the order of members survive, wherever a client writes JSON of its own', () => {
  const schema = '{"properties":{"9":{"const":12345678901234567890},"1":{"minimum":1.50}},"type":"object"}'
  const input = '{ "9": 0.10, "1": 12345678901234567890, "b": 1e400 }'
  const { text } = translateText(`{
    "model": "m",
    "tools": [
      {"type": "function", "function": {"name": "f", "parameters": ${schema}}},
      {"name": "g", "input_schema": ${schema}},
      {"type": "function", "name": "h", "parameters": {"properties": {"2": {}, "1": {}}}}
    ],
    "messages": [
      {"role": "user", "content": "Hi"},
      {"role": "assistant", "tool_calls": [
        {"id": "a", "function": {"name": "f", "arguments": ${JSON.stringify(input)}}},
        {"id": "b", "function": {"name": "f", "arguments": ${input}}}
      ]},
      {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": ${input}}]}
    ]
  }`)

  expect(text.split(`"input_schema":${schema}`)).toHaveLength(3)
  expect(text).toContain('"input_schema":{"type":"object","properties": {"2": {}, "1": {}}}')
  expect(text.split(`"input":${input}`)).toHaveLength(4)
})
