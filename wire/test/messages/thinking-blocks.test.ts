import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { applyRanges, cutThinkingBlocks, hasThinkingBlocks, indexBody } from '../../src/index.ts'

function find(text: string, count?: number) {
  const bytes = new TextEncoder().encode(text)
  const index = indexBody(bytes, new Set(['messages']))
  if (!index.ok) throw new Error(index.message)
  const messages = index.get('messages')
  if (messages === undefined) throw new Error('the body has no messages')
  const found = cutThinkingBlocks(bytes, messages, count)
  return { bytes, found, has: hasThinkingBlocks(bytes, messages) }
}

function cut(text: string, count?: number): string | null {
  const { bytes, found } = find(text, count)
  return found && new TextDecoder().decode(applyRanges(bytes, found.ranges))
}

test('cuts thinking from any place of a message, and keeps every other byte', () => {
  const text =
    '{"messages": [{"role":"user","content":"a"}, {"role":"assistant", "content":[ {"type":"thinking","thinking":"x","signature":"s"} , {"type":"text","text":"b\\u00e9"},{"data":"d","type":"redacted_thinking"} ,{"type":"tool_use","id":"t","name":"f","input":{"type":"thinking"}}]}],"model":"m"}'

  expect(cut(text)).toBe(
    '{"messages": [{"role":"user","content":"a"}, {"role":"assistant", "content":[ {"type":"text","text":"b\\u00e9"} ,{"type":"tool_use","id":"t","name":"f","input":{"type":"thinking"}}]}],"model":"m"}',
  )
})

test.each([
  ['there is none', '{"messages":[{"role":"user","content":"a"}]}', false],
  [
    'no message would be left',
    '{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"s"}]}]}',
    true,
  ],
])('cuts nothing if %s', (_, text, has) => {
  expect(find(text)).toMatchObject({ found: null, has })
})

const thought = { type: 'thinking', thinking: 'x', signature: 's' }
const use = { type: 'tool_use', id: 't', name: 'f', input: {} }
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't' }] }
const question = { role: 'user', content: 'a' }

test('cuts a message of nothing but thinking as a whole', () => {
  const [empty, call] = [
    { role: 'assistant', content: [thought] },
    { role: 'assistant', content: [use] },
  ]

  expect(cut(JSON.stringify({ messages: [question, empty, call, result], model: 'm' }))).toBe(
    JSON.stringify({ messages: [question, call, result], model: 'm' }),
  )
  expect(cut(JSON.stringify({ messages: [empty, question] }))).toBe(JSON.stringify({ messages: [question] }))
})

test('cuts only from the first messages, if their number is given', () => {
  const answer = { role: 'assistant', content: [thought, use] }

  expect(cut(JSON.stringify({ messages: [question, answer, result, answer, result] }), 3)).toBe(
    JSON.stringify({ messages: [question, { ...answer, content: [use] }, result, answer, result] }),
  )
})

test.each([
  ['a tool loop whose first answer loses it', [question, [thought, use], result], undefined, true],
  ['a tool loop that keeps it', [question, [thought, use], question, [thought, use], result], 2, false],
  ['a later answer of a tool loop', [question, [thought], [thought, use], result, [use], result], 2, false],
  ['a new turn', [question, [thought, { type: 'text', text: 'b' }], question], undefined, false],
])('tells whether the current turn began without thinking: %s', (_, turns, count, expected) => {
  const messages = turns.map((turn) => (Array.isArray(turn) ? { role: 'assistant', content: turn } : turn))

  expect(find(JSON.stringify({ messages }), count).found?.opensWithoutThinking).toBe(expected)
})

test('the result is the same conversation without its thinking', () => {
  const block = fc.oneof(
    fc.record({ type: fc.constant('text'), text: fc.string() }),
    fc.record({ thinking: fc.string(), type: fc.constant('thinking'), signature: fc.string() }),
    fc.record({ type: fc.constant('redacted_thinking'), data: fc.string() }),
    fc.record({ type: fc.constant('tool_use'), input: fc.jsonValue() }),
  )
  const message = fc.record({
    role: fc.constantFrom('user', 'assistant'),
    content: fc.oneof(fc.string(), fc.array(block, { maxLength: 6 })),
  })
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 6 }),
      fc.constantFrom(undefined, 1, '\t'),
      (messages, space) => {
        const isThought = ({ type }: { type: string }) => type === 'thinking' || type === 'redacted_thinking'
        const expected = messages.flatMap(({ role, content }) => {
          const rest = typeof content === 'string' ? content : content.filter((each) => !isThought(each))
          return rest.length === 0 && content.length > 0 ? [] : [{ role, content: rest }]
        })

        const made = cut(JSON.stringify({ messages }, null, space))

        const lists = messages.map(({ content }) => (typeof content === 'string' ? [] : content))
        const hasThought = lists.some((list) => list.some(isThought))
        const wanted = hasThought && expected.length > 0 ? { messages: expected } : null
        expect(made === null ? null : JSON.parse(made)).toEqual(JSON.parse(JSON.stringify(wanted)))
      },
    ),
  )
})
