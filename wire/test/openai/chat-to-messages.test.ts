import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseChatRequest } from '../../src/openai/chat-request.ts'
import { translateChatRequest } from '../../src/openai/chat-to-messages.ts'

describe('messages', () => {
  test('of system and developer move to the front, joined by a line break', () => {
    const { body } = translated({
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

  test('contain images, by data or URL, and omit unsupported parts', () => {
    const { body } = translated({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO=', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.jpg' } },
            { type: 'input_audio', input_audio: { data: 'x', format: 'wav' } },
          ],
        },
      ],
    })

    expect(body).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO=' } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
          ],
        },
      ],
    })
  })

  test('with the results of parallel calls become one message, before the text of the user', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
    const { body } = translated({
      messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: null, tool_calls: [call('call_1'), call('call_2')] },
        { role: 'tool', tool_call_id: 'call_1', content: 'one' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'two' }] },
        { role: 'user', content: 'And?' },
      ],
    })

    expect(body['messages']).toEqual([
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'call_2', name: 'f', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'one' },
          { type: 'tool_result', tool_use_id: 'call_2', content: 'two' },
          { type: 'text', text: 'And?' },
        ],
      },
    ])
  })

  test('keep the digits of numbers in the arguments of calls', () => {
    const call = { id: 'a', function: { name: 'f', arguments: '{"a":12345678901234567890}' } }
    const { body } = translated({ messages: [{ role: 'assistant', tool_calls: [call] }] })

    expect(JSON.stringify(body)).toContain('"input":{"a":12345678901234567890}')
  })

  test('of the older function calls are paired by position', () => {
    const { body } = translated({
      messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', function_call: { name: 'f', arguments: '' } },
        { role: 'function', name: 'f', content: 'done' },
      ],
    })

    expect(body['messages']).toMatchObject([
      {},
      { content: [{ type: 'tool_use', id: 'call_function_1', input: {} }] },
      { content: [{ type: 'tool_result', tool_use_id: 'call_function_1', content: 'done' }] },
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
    const { model: _model, messages: _messages, ...settings } = translated(given).body

    expect(settings).toEqual({ max_tokens: 4_096, ...expected })
  })

  test('without effect are named', () => {
    const { ignored } = translated({ seed: 1, logit_bias: {}, user: null, stop: [' '], response_format: {} })

    expect(ignored).toEqual(['seed', 'logit_bias', 'response_format', 'stop sequences of whitespace'])
  })

  test('without effect include parts of other types and roles, each named once', () => {
    const picture = { type: 'image_url', image_url: { url: 'https://a/b.png' } }
    const audio = { type: 'input_audio', input_audio: {} }
    const { ignored } = translated({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'a' }, picture] },
        { role: 'user', content: [{ type: 'text', text: 'b' }, picture, audio, audio] },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'c' }] },
      ],
    })

    expect(ignored).toEqual([
      'image_url parts of system messages',
      'input_audio parts of user messages',
      'refusal parts of assistant messages',
    ])
  })

  test('without effect include strict functions', () => {
    const functions = [{ name: 'g', strict: false }]

    expect(translated({ tools: [{ function: { name: 'f', strict: true } }], functions }).ignored).toEqual([
      'strict of functions',
    ])
    expect(translated({ functions }).ignored).toEqual([])
  })
})

describe('tools', () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'f', description: 'does', parameters: { properties: { a: {} } }, strict: true },
    },
  ]

  test('become tools of the Messages API', () => {
    expect(translated({ tools, functions: [{ name: 'g' }] }).body['tools']).toEqual([
      { name: 'f', description: 'does', input_schema: { type: 'object', properties: { a: {} } } },
      { name: 'g', input_schema: { type: 'object', properties: {} } },
    ])
  })

  test.each<[string, object, object | undefined]>([
    ['auto', { tool_choice: 'auto' }, { type: 'auto' }],
    ['none', { tool_choice: 'none' }, { type: 'none' }],
    ['required', { tool_choice: 'required' }, { type: 'any' }],
    [
      'a function',
      { tool_choice: { type: 'function', function: { name: 'f' } } },
      { type: 'tool', name: 'f' },
    ],
    ['a function, in the older form', { function_call: { name: 'f' } }, { type: 'tool', name: 'f' }],
    ['one at a time', { parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      'exactly one, and required',
      { parallel_tool_calls: false, tool_choice: 'required' },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    ['several at a time', { parallel_tool_calls: true }, undefined],
  ])('are chosen: %s', (_, given, choice) => {
    expect(translated({ tools, ...given }).body['tool_choice']).toEqual(choice)
  })

  test('that are absent need no choice', () => {
    expect(translated({ tool_choice: 'auto' }).body).not.toHaveProperty('tool_choice')
    expect(translated({ tool_choice: 'none' }).body).not.toHaveProperty('tool_choice')
  })

  test('that are absent but required are left to the Messages API to reject', () => {
    expect(translated({ tool_choice: 'required' }).body['tool_choice']).toEqual({ type: 'any' })
    expect(translated({ function_call: { name: 'f' } }).body['tool_choice']).toEqual({
      type: 'tool',
      name: 'f',
    })
  })
})

describe('a problem names', () => {
  test.each<[string, unknown, string]>([
    ['a value that is not an object', [], ''],
    ['a missing model', { messages: [] }, 'model'],
    ['missing messages', { model: 'm' }, 'messages'],
    ['a role', { model: 'm', messages: [{ role: 'robot' }] }, 'messages.0.role'],
    ['a part', { model: 'm', messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content.0.type'],
    ['several choices', { model: 'm', messages: [], n: 2 }, 'n'],
    [
      'a result without a call',
      { model: 'm', messages: [{ role: 'tool', content: 'x' }] },
      'messages.0.tool_call_id',
    ],
    ['a choice', { model: 'm', messages: [], tool_choice: 'some' }, 'tool_choice'],
    [
      'arguments that are not an object',
      {
        model: 'm',
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: '[1' } }] },
        ],
      },
      'messages.0.tool_calls.0.function.arguments',
    ],
    [
      'arguments that are a long number',
      {
        model: 'm',
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'a', function: { name: 'f', arguments: '12345678901234567890' } }],
          },
        ],
      },
      'messages.0.tool_calls.0.function.arguments',
    ],
  ])('%s', (_, body, path) => {
    const parsed = parseChatRequest(body)
    const result = parsed.ok ? translateChatRequest(parsed.request, 1) : parsed

    expect(result).toMatchObject({ ok: false, problem: { path } })
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
        const parsed = parseChatRequest(given)
        const result = parsed.ok ? translateChatRequest(parsed.request, 1) : parsed
        expect(typeof result.ok).toBe('boolean')
      }
    }),
  )
})

interface Translated {
  readonly body: Readonly<Record<string, unknown>>
  readonly ignored: readonly string[]
}

function translated(more: object): Translated {
  const body = { model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hi' }], ...more }
  const parsed = parseChatRequest(body)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem))
  const result = translateChatRequest(parsed.request, 4_096)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result
}
