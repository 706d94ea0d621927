import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { applyRanges, cutThinkingBlocks, indexBody } from '../../src/index.ts'

function cut(text: string): string | null {
  const bytes = new TextEncoder().encode(text)
  const index = indexBody(bytes, new Set(['messages']))
  if (!index.ok) throw new Error(index.message)
  const messages = index.get('messages')
  const ranges = messages === undefined ? null : cutThinkingBlocks(bytes, messages)
  return ranges && new TextDecoder().decode(applyRanges(bytes, ranges))
}

test('cuts thinking from any place of a message, and keeps every other byte', () => {
  const text =
    '{"messages": [{"role":"user","content":"a"}, {"role":"assistant", "content":[ {"type":"thinking","thinking":"x","signature":"s"} , {"type":"text","text":"b\\u00e9"},{"data":"d","type":"redacted_thinking"} ,{"type":"tool_use","id":"t","name":"f","input":{"type":"thinking"}}]}],"model":"m"}'

  expect(cut(text)).toBe(
    '{"messages": [{"role":"user","content":"a"}, {"role":"assistant", "content":[ {"type":"text","text":"b\\u00e9"} ,{"type":"tool_use","id":"t","name":"f","input":{"type":"thinking"}}]}],"model":"m"}',
  )
})

test.each([
  ['there is none', '{"messages":[{"role":"user","content":"a"}]}'],
  [
    'a message would be left empty',
    '{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"s"}]}]}',
  ],
])('cuts nothing if %s', (_, text) => {
  expect(cut(text)).toBeNull()
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
        const expected = messages.map(({ role, content }) => ({
          role,
          content: typeof content === 'string' ? content : content.filter((each) => !isThought(each)),
        }))

        const made = cut(JSON.stringify({ messages }, null, space))

        if (made !== null)
          expect(JSON.parse(made)).toEqual(JSON.parse(JSON.stringify({ messages: expected })))
        else {
          const lists = messages.map(({ content }) => (typeof content === 'string' ? [] : content))
          const hasThought = lists.some((list) => list.some(isThought))
          const isEmptied = lists.some((list) => list.length > 0 && list.every(isThought))
          expect(hasThought && !isEmptied).toBe(false)
        }
      },
    ),
  )
})
