import { describe, expect, test } from 'vitest'

import { capable, reject, translate } from './translated.ts'

describe('sampling', () => {
  const given = { temperature: 0.3, top_p: 0.5, top_k: 7 }

  test('is left out for a model that takes only the defaults', () => {
    const { body, notices } = translate(given, { ...capable, sampling: 'default_only' })

    expect(Object.keys(body)).toEqual(['model', 'max_tokens', 'messages'])
    expect(notices).toEqual(['without effect on this endpoint: temperature, top_p, top_k'])
  })

  test('is left out with thinking, which needs the defaults, and without a notice for the value 1', () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 }

    expect(translate({ ...given, thinking }).body).not.toHaveProperty('temperature')
    expect(translate({ temperature: 1, top_p: 1, thinking }).notices).toEqual([])
  })

  test('has either a temperature or top_p for a model that takes one of them', () => {
    const target = { ...capable, sampling: 'temperature_xor_top_p' } as const

    expect(translate(given, target)).toMatchObject({
      body: { temperature: 0.3, top_k: 7 },
      notices: ['without effect on this endpoint: top_p'],
    })
    expect(translate({ top_p: 0.5 }, target)).toMatchObject({ body: { top_p: 0.5 }, notices: [] })
  })

  test('has a temperature of at most 1, with a notice', () => {
    expect(translate({ temperature: 1.7 })).toMatchObject({
      body: { temperature: 1 },
      notices: ['a temperature above 1 was set to 1'],
    })
  })
})

describe('the effort', () => {
  const few = { ...capable, efforts: ['low', 'medium', 'high'] }

  test.each([
    ['minimal', 'low'],
    ['low', 'low'],
    ['medium', 'medium'],
    ['high', 'high'],
    ['xhigh', 'xhigh'],
    ['max', 'max'],
  ])('%s is the level %s of a model that has all', (level, expected) => {
    expect(translate({ reasoning_effort: level }).body['output_config']).toEqual({ effort: expected })
    expect(translate({ reasoning: { effort: level } }).body['output_config']).toEqual({ effort: expected })
  })

  test('is the nearest lower level of a model that has few, with a notice', () => {
    expect(translate({ reasoning_effort: 'xhigh' }, few)).toMatchObject({
      body: { output_config: { effort: 'high' } },
      notices: ['reasoning_effort xhigh became high, the nearest of the model'],
    })
  })

  test.each([
    ['default', undefined, undefined],
    ['disabled', { type: 'disabled' }, undefined],
    ['between_tools', { type: 'between_tools' }, undefined],
    [null, undefined, { effort: 'low' }],
  ] as const)('none switches thinking off (%s)', (thinkingOff, thinking, config) => {
    const { body } = translate({ reasoning_effort: 'none' }, { ...capable, thinkingOff })

    expect(body['thinking']).toEqual(thinking)
    expect(body['output_config']).toEqual(config)
  })

  test('is without effect for a model that has none, and for an unknown level', () => {
    const notices = ['without effect on this endpoint: reasoning_effort']

    expect(translate({ reasoning_effort: 'high' }, { ...capable, efforts: [] }).notices).toEqual(notices)
    expect(translate({ reasoning_effort: 'turbo' }).notices).toEqual(notices)
    expect(translate({ reasoning: { enabled: true } }).notices).toEqual([
      'without effect on this endpoint: reasoning',
    ])
  })

  test('of the Messages API takes precedence', () => {
    const { body } = translate({ reasoning_effort: 'low', output_config: { effort: 'max' } })

    expect(body['output_config']).toEqual({ effort: 'max' })
  })
})

describe('thinking with a budget', () => {
  const thinking = { type: 'enabled', budget_tokens: 2_000 }
  const call = { id: 'a', function: { name: 'f', arguments: '{}' } }
  const history = [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'a', content: 'done' },
  ]
  const notice =
    'thinking is off until the next question: the conversation lacks the thinking before its calls'

  test('is off in a turn whose thinking the client cannot send back, so that it can continue', () => {
    const { body, notices } = translate({ thinking, messages: history })

    expect(body).not.toHaveProperty('thinking')
    expect(notices).toEqual([notice])
  })

  test('is on again after the next question', () => {
    const messages = [...history, { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'And?' }]

    expect(translate({ thinking, messages })).toMatchObject({ body: { thinking }, notices: [] })
  })

  test('stays on if the thinking is there', () => {
    const thought = { type: 'thinking', thinking: 'Hm', signature: 's' }
    const [question, answer, ...rest] = history
    const messages = [question, { ...answer, content: [thought] }, ...rest]

    expect(translate({ thinking, messages })).toMatchObject({ body: { thinking }, notices: [] })
  })

  test('is not needed for adaptive thinking', () => {
    const adaptive = { type: 'adaptive' }

    expect(translate({ thinking: adaptive, messages: history }).body['thinking']).toEqual(adaptive)
  })
})

describe('the format', () => {
  const format = (schema: unknown) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
  })
  const closed = { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false }

  test('is the schema as it was written', () => {
    expect(translate(format(closed))).toMatchObject({
      body: { output_config: { format: { type: 'json_schema', schema: closed } } },
      notices: [],
    })
  })

  test('has bounds as descriptions, choices of any, and closed objects', () => {
    const schema = {
      type: 'object',
      properties: {
        maximum: { type: 'integer', minimum: 1, maximum: 12345678901234, description: 'A count' },
        list: {
          type: 'array',
          minItems: 2,
          items: { oneOf: [{ type: 'string' }, { type: 'object', properties: { b: {} } }] },
        },
      },
      required: ['maximum'],
    }

    const { body, notices } = translate(format(schema))

    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            maximum: { type: 'integer', description: 'A count\n\n{"minimum":1,"maximum":12345678901234}' },
            list: {
              type: 'array',
              items: {
                anyOf: [
                  { type: 'string' },
                  { type: 'object', properties: { b: {} }, additionalProperties: false },
                ],
              },
              description: '{"minItems":2}',
            },
          },
          required: ['maximum'],
          additionalProperties: false,
        },
      },
    })
    expect(notices).toEqual(['the schema in response_format was adapted to structured outputs'])
  })

  test.each([
    { type: 'object' },
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'array', items: { type: 'object', properties: {}, additionalProperties: true } },
  ])('with members of any name is without effect: %j', (schema) => {
    const { body, notices } = translate(format(schema))

    expect(body).not.toHaveProperty('output_config')
    expect(notices).toEqual([
      'response_format is without effect: structured outputs cannot express its schema',
    ])
  })

  test('of text is the default, and JSON without a schema, or for a model without formats, is without effect', () => {
    const notices = ['without effect on this endpoint: response_format']

    expect(translate({ response_format: { type: 'text' } }).notices).toEqual([])
    expect(translate({ response_format: { type: 'json_object' } }).notices).toEqual(notices)
    expect(translate(format(closed), { ...capable, jsonSchema: false }).notices).toEqual(notices)
  })

  test('without its schema is rejected', () => {
    expect(reject(format(null))).toBe('response_format.json_schema.schema: Field required')
  })

  test('and the effort are one member', () => {
    expect(translate({ ...format(closed), reasoning_effort: 'low' }).body['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema: closed },
    })
  })
})
