import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { validateMessagesRequest } from '../../src/messages/schema.ts'
import { reject, translate } from './translated.ts'

const user = (content: string) => ({ role: 'user', content })
const tool = (id: string, content: unknown = `result of ${id}`) => ({
  role: 'tool',
  tool_call_id: id,
  content,
})
const calls = (...ids: readonly string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })),
})
const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: { a: 1 } })
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: `result of ${id}` })
const missing = (id: string) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'No result: the call was interrupted.',
  is_error: true,
})
const text = (words: string) => ({ type: 'text', text: words })

function translateTurns(...messages: readonly object[]) {
  const { body, notices } = translate({ messages })
  return { messages: body['messages'], notices }
}

describe('results', () => {
  test('of parallel calls become one message, before the text of the user', () => {
    expect(translateTurns(user('Go'), calls('a', 'b'), tool('a'), tool('b'), user('And?'))).toEqual({
      messages: [
        user('Go'),
        { role: 'assistant', content: [use('a'), use('b')] },
        { role: 'user', content: [result('a'), result('b'), text('And?')] },
      ],
      notices: [],
    })
  })

  test.each<[string, readonly object[]]>([
    ['in another order than their calls', [calls('a', 'b'), tool('b'), tool('a'), user('And?')]],
    ['around a text of the user', [calls('a', 'b'), tool('a'), user('And?'), tool('b')]],
    ['behind a text of the user', [calls('a', 'b'), user('And?'), tool('b'), tool('a')]],
  ])('%s are moved before it', (_, turns) => {
    expect(translateTurns(user('Go'), ...turns).messages).toEqual([
      user('Go'),
      { role: 'assistant', content: [use('a'), use('b')] },
      { role: 'user', content: [result('a'), result('b'), text('And?')] },
    ])
  })

  test('behind a later answer are moved to their call', () => {
    const { messages } = translateTurns(
      user('Go'),
      calls('a'),
      user('Wait'),
      { role: 'assistant', content: 'Yes?' },
      tool('a'),
      user('And?'),
    )

    expect(messages).toEqual([
      user('Go'),
      { role: 'assistant', content: [use('a')] },
      { role: 'user', content: [result('a'), text('Wait')] },
      { role: 'assistant', content: 'Yes?' },
      user('And?'),
    ])
  })

  test('that are missing are replaced, so that a conversation with an interrupted call can continue', () => {
    expect(translateTurns(user('Go'), calls('a', 'b'), tool('b'), user('Stop'))).toEqual({
      messages: [
        user('Go'),
        { role: 'assistant', content: [use('a'), use('b')] },
        { role: 'user', content: [missing('a'), result('b'), text('Stop')] },
      ],
      notices: ['calls without a result were given one that says so'],
    })
  })

  test('that are missing in the last message are left for the API to reject', () => {
    expect(translateTurns(user('Go'), calls('a')).messages).toEqual([
      user('Go'),
      { role: 'assistant', content: [use('a')] },
    ])
  })

  test('that are repeated count once', () => {
    expect(translateTurns(user('Go'), calls('a'), tool('a'), tool('a', 'again'))).toMatchObject({
      messages: [{}, {}, { content: [result('a')] }],
      notices: ['of several results of one call, the first was kept'],
    })
  })

  test('whose call was cut off the history are left out', () => {
    expect(translateTurns(tool('x'), { role: 'assistant', content: 'Done.' }, user('And?'))).toEqual({
      messages: [{ role: 'assistant', content: 'Done.' }, user('And?')],
      notices: ['results without a call were left out'],
    })
  })

  test('with a wrong id in the last message are left for the API to reject', () => {
    expect(translateTurns(user('Go'), calls('a'), tool('x')).messages).toMatchObject([
      {},
      {},
      { content: [missing('a'), result('x')] },
    ])
  })

  test('may contain images, and have the mark of their parts', () => {
    const mark = { type: 'ephemeral' }
    const { messages } = translateTurns(
      user('Go'),
      calls('a', 'b'),
      tool('a', [text('see'), { type: 'image_url', image_url: { url: 'https://a/b.png' } }]),
      tool('b', [text('one '), { ...text('two'), cache_control: mark }]),
    )

    expect(messages).toMatchObject([
      {},
      {},
      {
        content: [
          { content: [text('see'), { type: 'image', source: { type: 'url', url: 'https://a/b.png' } }] },
          { content: 'one two', cache_control: mark },
        ],
      },
    ])
  })
})

describe('calls', () => {
  test('with ids of other models keep the pairs of calls and results', () => {
    expect(translateTurns(user('Go'), calls('functions.w:0'), tool('functions.w:0')).messages).toMatchObject([
      {},
      { content: [{ id: 'esc_functions_2e_w_3a_0' }] },
      { content: [{ tool_use_id: 'esc_functions_2e_w_3a_0' }] },
    ])
  })

  test('with the same id in several turns get ids of their own', () => {
    const { messages } = translateTurns(
      user('Go'),
      calls('a'),
      tool('a', 'one'),
      calls('a'),
      tool('a', 'two'),
    )

    expect(messages).toMatchObject([
      {},
      { content: [{ id: 'a' }] },
      { content: [{ tool_use_id: 'a', content: 'one' }] },
      { content: [{ id: 'esc_a_-2' }] },
      { content: [{ tool_use_id: 'esc_a_-2', content: 'two' }] },
    ])
  })

  test('of the older form are paired by position', () => {
    const { messages } = translateTurns(
      user('Go'),
      { role: 'assistant', function_call: { name: 'f', arguments: '' } },
      { role: 'function', name: 'f', content: 'done' },
    )

    expect(messages).toMatchObject([
      {},
      { content: [{ type: 'tool_use', id: 'call_function_1', input: {} }] },
      { content: [{ type: 'tool_result', tool_use_id: 'call_function_1', content: 'done' }] },
    ])
  })

  test.each([undefined, null, '', ' ', 'null', '{}', {}])(
    'without arguments have an empty input: %j',
    (given) => {
      const call = { id: 'a', function: { name: 'f', arguments: given } }

      expect(
        translateTurns(user('Go'), { role: 'assistant', tool_calls: [call] }, tool('a')).messages,
      ).toMatchObject([{}, { content: [{ input: {} }] }, {}])
    },
  )

  test.each(['{"a', '[1]', '12345678901234567890'])(
    'keep arguments that are no object as a text: %s',
    (given) => {
      const call = { id: 'a', function: { name: 'f', arguments: given } }
      const { messages, notices } = translateTurns(
        user('Go'),
        { role: 'assistant', tool_calls: [call] },
        tool('a'),
      )

      expect(messages).toMatchObject([{}, { content: [{ input: { arguments: given } }] }, {}])
      expect(notices).toEqual(['arguments that are not a JSON object became the member arguments of one'])
    },
  )

  test('keep half a surrogate pair as an escape, for the API to report', () => {
    const call = { id: 'a', function: { name: 'f', arguments: '{"a":"😀 \ud83d b"}' } }
    const { text: sent } = translate({ messages: [{ role: 'assistant', tool_calls: [call] }] })

    expect(sent).toContain('"input":{"a":"😀 \\ud83d b"}')
  })

  test('in both forms count once', () => {
    const both = { ...calls('a'), function_call: { name: 'f', arguments: '{"a":1}' } }

    expect(translateTurns(user('Go'), both, tool('a'))).toEqual({
      messages: [
        user('Go'),
        { role: 'assistant', content: [use('a')] },
        { role: 'user', content: [result('a')] },
      ],
      notices: [],
    })
  })

  test('have the cache mark of their message', () => {
    const mark = { type: 'ephemeral' }

    expect(
      translateTurns(user('Go'), { ...calls('a', 'b'), cache_control: mark }, tool('a'), tool('b')).messages,
    ).toMatchObject([{}, { content: [use('a'), { ...use('b'), cache_control: mark }] }, {}])
  })

  test('of custom tools have their text as a member', () => {
    const call = { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } }

    expect(
      translateTurns(user('Go'), { role: 'assistant', tool_calls: [call] }, tool('a')).messages,
    ).toMatchObject([{}, { content: [{ name: 'sql', input: { input: 'select 1' } }] }, {}])
  })

  test('need an id, a name and a function', () => {
    const turn = (call: object) => reject({ messages: [{ role: 'assistant', tool_calls: [call] }] })

    expect(turn({ function: { name: 'f', arguments: '' } })).toBe(
      'messages.0.tool_calls.0.id: Field required',
    )
    expect(turn({ id: 'a' })).toBe('messages.0.tool_calls.0.function: Field required')
    expect(turn({ id: 'a', function: {} })).toBe('messages.0.tool_calls.0.function.name: Field required')
  })
})

test('any history that ends with a question becomes a valid Messages request', () => {
  const id = fc.constantFrom('a', 'b', 'functions.w:0', 'esc_a', '')
  const blank = fc.constantFrom('', ' ', 'x', null)
  const turn = fc.oneof(
    fc.record({ role: fc.constant('user'), content: blank }),
    fc.record({ role: fc.constant('system'), content: blank }),
    fc.record({ role: fc.constant('assistant'), content: blank }),
    fc.array(id, { maxLength: 3 }).map((ids) => calls(...ids)),
    id.filter((one) => one !== '').map((one) => tool(one)),
    fc.constant({ role: 'assistant', function_call: { name: 'f', arguments: '{}' } }),
    fc.constant({ role: 'function', name: 'f', content: 'done' }),
  )
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
      const { body } = translate({ messages: [...turns, user('And?')] })

      expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })).toBeNull()
    }),
  )
})
