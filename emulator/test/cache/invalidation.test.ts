import { describe, expect, test } from 'vitest'

import type { CacheControl, InputBlock } from '@anthology/wire'

import { createService, words } from './calls.ts'
import type { Body } from './calls.ts'

const mark: CacheControl = { type: 'ephemeral' }

/**
 * There is a breakpoint at the end of each level. The tool's JSON has a description of 2,000 words, other texts (`f`,
 * `object` and five names) of 15 pieces, and 1 and 2 more tokens for each of 8 texts and 3 brackets. The system prompt
 * has 1,497 words and the 3 tokens that open it.
 */
const toolsEnd = 2_029
const systemEnd = toolsEnd + 1_500

describe('a change invalidates its level and the later ones', () => {
  test.each<[string, Body, number]>([
    ['the description of a tool', change({ tools: [tool('cd')] }), 0],
    ['the order of keys in a schema', change({ tools: [tool('ab', ['required', 'type'])] }), 0],
    [
      'another tool before it',
      change({ tools: [{ name: 'g', input_schema: { type: 'object' } }, tool()] }),
      0,
    ],
    [
      'the system prompt',
      change({ system: [{ type: 'text', text: words(1_497, 'cd'), cache_control: mark }] }),
      toolsEnd,
    ],
    [
      'web search switched on',
      change({ tools: [tool(), { type: 'web_search_20250305', name: 'web_search' }] }),
      toolsEnd,
    ],
    [
      'citations switched on',
      change({ messages: [{ role: 'user', content: [...question(), document(true)] }] }),
      toolsEnd,
    ],
    [
      'a format',
      change({ output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } }),
      toolsEnd,
    ],
    ['tool_choice', change({ tool_choice: { type: 'any' } }), systemEnd],
    [
      'parallel tool use',
      change({ tool_choice: { type: 'auto', disable_parallel_tool_use: true } }),
      systemEnd,
    ],
    ['thinking switched on', change({ thinking: { type: 'enabled', budget_tokens: 1_024 } }), systemEnd],
    ['a first image', change({ messages: [{ role: 'user', content: [...question(), image()] }] }), systemEnd],
    ['the words of a message', change({ messages: [{ role: 'user', content: question('cd') }] }), systemEnd],
  ])('%s', (_, changed, read) => {
    const service = createService()

    service.call(plain())

    expect(service.call(changed).read).toBe(read)
  })

  test('the thinking budget', () => {
    const service = createService()
    const thinking = (budget: number) => ({ thinking: { type: 'enabled', budget_tokens: budget } }) as const

    service.call(change(thinking(1_024)))

    expect(service.call(change(thinking(2_048))).read).toBe(systemEnd)
    expect(service.call(change(thinking(1_024))).input).toBe(0)
  })

  test('fast and standard mode share nothing', () => {
    const service = createService()
    const body: Body = { ...plain(), model: 'claude-opus-5-5' }
    const today = { day: '2026-11-22' }

    service.call(body, today)

    expect(service.call({ ...body, speed: 'fast' }, today).read).toBe(0)
    expect(service.call({ ...body, speed: 'fast' }, today).input).toBe(0)
    expect(service.call({ ...body, speed: 'standard' }, today).input).toBe(0)
  })

  test('a replaced image, once it is in the prefix', () => {
    const service = createService()
    const messages = (data: string): Body['messages'] => [
      { role: 'user', content: [image(data), ...question()] },
    ]

    service.call(change({ messages: messages('AAAA') }))

    expect(service.call(change({ messages: messages('AAAA') })).input).toBe(0)
    expect(service.call(change({ messages: messages('BBBB') })).read).toBe(systemEnd)
  })
})

describe('a change that the model does not see does not invalidate the cache', () => {
  test.each<[string, Body]>([
    ['marks elsewhere', change({ tools: [{ ...tool(), cache_control: null }] })],
    ['tool_choice auto, spelled out', change({ tool_choice: { type: 'auto' } })],
    ['thinking disabled, spelled out', change({ thinking: { type: 'disabled' } })],
    ['sampling and length', change({ temperature: 0, max_tokens: 7, stream: true, stop_sequences: ['x'] })],
    [
      'a tool that is loaded later',
      change({ tools: [tool(), { name: 'h', input_schema: { type: 'object' }, defer_loading: true }] }),
    ],
    [
      'a message after the breakpoint',
      change({ messages: [...plain().messages, { role: 'assistant', content: 'ab' }] }),
    ],
  ])('%s', (_, changed) => {
    const service = createService()

    const { for5m } = service.call(plain())

    expect(service.call(changed).read).toBe(for5m)
  })

  test('a string equals a single text block', () => {
    const service = createService()
    const tail = { role: 'user', content: [{ type: 'text', text: 'ab', cache_control: mark }] } as const
    const rest = [{ role: 'assistant', content: 'cd' }, tail] as const

    service.call({ messages: [{ role: 'user', content: [{ type: 'text', text: words(2_000) }] }, ...rest] })

    expect(service.call({ messages: [{ role: 'user', content: words(2_000) }, ...rest] }).input).toBe(0)
  })

  test('the key order of a tool call matters', () => {
    const service = createService()
    const call = (input: Record<string, unknown>): Body => ({
      messages: [
        { role: 'user', content: words(2_000) },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ab', cache_control: mark }],
        },
      ],
    })

    service.call(call({ a: 1, b: 2 }))

    expect(service.call(call({ a: 1, b: 2 })).input).toBe(0)
    expect(service.call(call({ b: 2, a: 1 })).read).toBe(0)
    expect(service.call(call({ a: '1', b: 2 })).read).toBe(0)
  })
})

test('a question after a tool loop removes its thinking if the model does not keep it, and the cached prefix ends there', () => {
  const service = createService()
  const thinking = { type: 'thinking', thinking: words(40), signature: 'x' } as const
  const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } as const
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ab', cache_control: mark } as const
  const loop = [
    { role: 'user', content: [{ type: 'text', text: words(1_997), cache_control: mark }] },
    { role: 'assistant', content: [thinking, use] },
    { role: 'user', content: [result] },
  ] as const
  const enabled = { thinking: { type: 'enabled', budget_tokens: 1_024 } } as const

  const { for5m } = service.call({ messages: loop, ...enabled })
  const again = service.call({ messages: loop, ...enabled })
  const next = service.call({ messages: [...loop, { role: 'user', content: 'And then?' }], ...enabled })

  expect(for5m).toBeGreaterThan(2_040)
  expect(again.read).toBe(for5m)
  expect(next.read).toBe(2_000)
})

test('values of any depth are compared', () => {
  const service = createService()
  const deep = (innermost: unknown): Body => {
    let input: Record<string, unknown> = { innermost }
    for (let level = 0; level < 10_000; level += 1) input = { input }
    const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input, cache_control: mark } as const
    return {
      messages: [
        { role: 'user', content: 'ab' },
        { role: 'assistant', content: [use] },
      ],
    }
  }

  service.call(deep('ab'))

  expect(service.call(deep('ab')).input).toBe(0)
  expect(service.call(deep('cd')).read).toBe(0)
})

test('cache_control inside a tool result applies to the result', () => {
  const service = createService()
  const body: Body = {
    messages: [
      { role: 'user', content: words(2_000) },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [{ type: 'text', text: 'ab', cache_control: mark }],
          },
        ],
      },
    ],
  }

  service.call(body)

  expect(service.call(body)).toMatchObject({ input: 0, for5m: 0 })
})

function plain(): Body {
  return {
    tools: [tool()],
    system: [{ type: 'text', text: words(1_497), cache_control: mark }],
    messages: [{ role: 'user', content: question() }],
  }
}

function change(members: Partial<Body>): Body {
  return { ...plain(), ...members }
}

function tool(word = 'ab', keys = ['type', 'required']): NonNullable<Body['tools']>[number] {
  const schema: Record<string, unknown> = { type: 'object', required: [] }
  return {
    name: 'f',
    description: words(2_000, word),
    input_schema: Object.fromEntries(keys.map((key) => [key, schema[key]])),
    cache_control: mark,
  }
}

function question(word = 'ab'): readonly InputBlock[] {
  return [{ type: 'text', text: words(97, word), cache_control: mark }]
}

function document(enabled: boolean): InputBlock {
  return {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'ab' },
    citations: { enabled },
  }
}

function image(data = 'AAAA'): InputBlock {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
}
