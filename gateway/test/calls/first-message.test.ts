import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { sliceFirstElement } from '../../src/calls/first-message.ts'
import { nameConversation } from '../../src/calls/plan-call.ts'

const max = 512

test('every turn of a conversation has the same beginning, whatever its messages contain', () => {
  fc.assert(
    fc.property(fc.json(), fc.array(fc.json(), { minLength: 1 }), (first, later) => {
      const message = `{"role":"user","content":${first}}`
      const one = Buffer.from(`[${message}]`)
      const other = Buffer.from(`[${[message, ...later].join(',')}]`)

      expect(sliceFirstElement(one, 0, max)).toEqual(sliceFirstElement(other, 0, max))
    }),
  )
})

test('conversations with different first messages have different beginnings', () => {
  const beginnings = ['"a"', '"b"', '["a"]', '{"a":"}"}'].map((content) =>
    Buffer.from(sliceFirstElement(Buffer.from(`[{"content":${content}},1]`), 0, max)).toString(),
  )

  expect(new Set(beginnings).size).toBe(4)
  expect(beginnings[3]).toBe('[{"content":{"a":"}"}}')
})

test('a long first message is cut at the same byte in every turn', () => {
  const body = Buffer.from(`[{"content":"${'x'.repeat(2 * max)}"}]`)

  expect(sliceFirstElement(body, 0, max)).toHaveLength(max)
})

test('a name that is shared by models means the same one in every turn of a conversation', () => {
  const first = '{"role":"user","content":"Hello"}'
  const name = (messages: string) =>
    nameConversation({}, { id: 'key_local' }, Buffer.from(`{"model":"ours","messages":[${messages}]}`))

  expect(name(first)).toBe(
    name(`${first},{"role":"assistant","content":"Hi"},{"role":"user","content":"Go on"}`),
  )
  const marked = first.replace('"Hello"', '"Hello","cache_control":{"type":"ephemeral"}')
  expect(name(first)).toBe(name(marked))
  expect(name(first)).not.toBe(name(first.replace('Hello', 'Bye')))
})
