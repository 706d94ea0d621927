import { describe, expect, test } from 'vitest'

import { validateMessagesRequest } from '../../src/messages/schema.ts'

type Ttl = '5m' | '1h' | null

const order =
  "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."

describe('the number of marks', () => {
  test('may be four, across tools, system and messages', () => {
    expect(
      getProblem({
        tools: [tool('f', '5m')],
        system: [text('a', '5m')],
        content: [text('b', '5m'), text('c', '5m')],
      }),
    ).toBeNull()
  })

  test('may not be five', () => {
    const content = ['a', 'b', 'c', 'd', 'e'].map((each) => text(each, '5m'))

    expect(getProblem({ content })).toEqual({
      path: '',
      message: 'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    })
  })

  test('includes those inside tool results', () => {
    const parts = ['a', 'b', 'c', 'd'].map((each) => text(each, '5m'))
    const result = { type: 'tool_result', tool_use_id: 't', content: parts, cache_control: mark('5m') }

    expect(getProblem({ use: true, content: [result] })?.message).toMatch(/Found 5\.$/)
  })

  test('includes the automatic mark', () => {
    const four = ['a', 'b', 'c', 'd'].map((each) => text(each, '5m'))

    expect(getProblem({ automatic: '5m', content: [...four.slice(0, 3), text('x', null)] })).toBeNull()
    expect(getProblem({ automatic: '5m', content: [...four, text('x', null)] })?.message).toMatch(
      /Found 5\.$/,
    )
  })

  test('does not include the automatic mark if the last block has its own', () => {
    const content = ['a', 'b', 'c', 'd'].map((each) => text(each, '5m'))

    expect(getProblem({ automatic: '5m', content })).toBeNull()
  })
})

describe('the order of TTLs', () => {
  test.each<[string, Members, string | null]>([
    ['an hour, then five minutes', { tools: [tool('f', '1h')], content: [text('a', '5m')] }, null],
    ['hours only', { system: [text('s', '1h')], content: [text('a', '1h')] }, null],
    [
      'an hour in the messages after five minutes in the tools',
      { tools: [tool('f', '5m')], content: [text('a', '1h')] },
      'messages.0.content.0.cache_control.ttl',
    ],
    [
      'an hour in the system after five minutes in the tools',
      { tools: [tool('f', '5m')], system: [text('s', '1h')], content: 'Hi' },
      'system.0.cache_control.ttl',
    ],
    [
      'an hour on a later tool',
      { tools: [tool('f', '5m'), tool('g', '1h')], content: 'Hi' },
      'tools.1.cache_control.ttl',
    ],
    [
      'an automatic hour after five minutes',
      { automatic: '1h', content: [text('a', '5m'), text('b', null)] },
      'cache_control.ttl',
    ],
  ])('%s', (_, members, path) => {
    expect(getProblem(members)).toEqual(path === null ? null : { path, message: order })
  })

  test('the automatic mark does not contradict the last block', () => {
    expect(getProblem({ automatic: '1h', content: [text('a', '5m')] })?.path).toBe('cache_control.ttl')
  })

  test('a missing ttl means five minutes', () => {
    const plain = { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }

    expect(getProblem({ system: [plain], content: [text('b', '1h')] })?.message).toBe(order)
  })
})

describe('an empty text may not be marked', () => {
  const message = 'cache_control cannot be set for empty text blocks'

  test('in a message', () => {
    expect(getProblem({ content: [text('a', null), text('', '5m')] })).toEqual({
      path: 'messages.0.content.1.text',
      message,
    })
  })

  test('in the system', () => {
    expect(getProblem({ system: [text('', '5m')], content: 'Hi' })).toEqual({ path: 'system.0', message })
  })
})

test('thinking may not be marked', () => {
  const thinking = { type: 'thinking', thinking: 'x', signature: 's', cache_control: mark('5m') }
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [thinking] },
  ]
  const problem = validateMessagesRequest(
    { model: 'm', max_tokens: 1, messages },
    { apiVersion: '2023-06-01' },
  )

  expect(problem).toEqual({
    path: 'messages.1.content.0.thinking.cache_control',
    message: 'Extra inputs are not permitted',
  })
})

interface Members {
  readonly tools?: readonly unknown[]
  readonly system?: readonly unknown[]
  readonly content: unknown
  readonly automatic?: Ttl
  /** Adds a use of the tool before, so that a result is valid. */
  readonly use?: boolean
}

function getProblem({ tools, system, content, automatic, use = false }: Members) {
  const before = [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
  ]
  const body = {
    model: 'm',
    max_tokens: 1,
    ...(tools && { tools }),
    ...(system && { system }),
    ...(automatic && { cache_control: mark(automatic) }),
    messages: [...(use ? before : []), { role: 'user', content }],
  }
  return validateMessagesRequest(body, { apiVersion: '2023-06-01' })
}

function text(content: string, ttl: Ttl) {
  return { type: 'text', text: content, ...(ttl && { cache_control: mark(ttl) }) }
}

function tool(name: string, ttl: Ttl) {
  return { name, input_schema: { type: 'object' }, cache_control: ttl && mark(ttl) }
}

function mark(ttl: '5m' | '1h') {
  return { type: 'ephemeral', ttl }
}
