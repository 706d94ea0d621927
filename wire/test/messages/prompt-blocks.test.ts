import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findPromptBlocks, indexBody } from '../../src/index.ts'
import type { PromptBlock, PromptBlocks, PromptPart } from '../../src/index.ts'

const wide = { maxBytes: 1_000_000, maxBlocks: 1_000 }

function find(text: string, bounds = wide): PromptBlocks {
  const bytes = new TextEncoder().encode(text)
  const index = indexBody(bytes, new Set())
  if (!index.ok) throw new Error(index.message)
  return findPromptBlocks(bytes, index, bounds)
}

/** The blocks of each group as text, without their breakpoints. */
function print(text: string, { groups }: PromptPart): readonly (readonly string[])[] {
  const bytes = new TextEncoder().encode(text)
  const slice = (start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end))
  const printBlock = ({ start, end, control }: PromptBlock) =>
    control === null ? slice(start, end) : slice(start, control.start) + slice(control.end, end)
  return groups.map(({ blocks }) => blocks.map(printBlock))
}

test('finds tools, system blocks and blocks of messages, and leaves out their breakpoints', () => {
  const text = `{"max_tokens":1,"system":[{"cache_control":{"type":"ephemeral"}, "type":"text","text":"s"}],
    "messages":[{"content":"a","role":"user"},
      {"role":"assistant","content":[{"type":"text","text":"b \\" , {"} , {"type":"tool_use","input":{"cache_control":{}}}]},
      {"role":"user","content":[{"type":"image","cache_control" : {"ttl": "1h","type":"ephemeral"} ,"source":{}}]}],
    "tools":[{"name":"f","cache_control":null}]}`

  const found = find(text)

  expect(print(text, found.tools)).toEqual([['{"name":"f"}']])
  expect(print(text, found.system)).toEqual([['{"type":"text","text":"s"}']])
  expect(print(text, found.messages)).toEqual([
    ['"a"'],
    ['{"type":"text","text":"b \\" , {"}', '{"type":"tool_use","input":{"cache_control":{}}}'],
    ['{"type":"image" ,"source":{}}'],
  ])
  const breakpoints = (part: PromptPart) =>
    part.groups.flatMap(({ blocks }) => blocks.map((block) => block.breakpoint))
  expect([found.tools, found.system, found.messages].flatMap(breakpoints)).toEqual([
    null,
    '5m',
    null,
    null,
    null,
    '1h',
  ])
  expect(found.automatic).toBeNull()
})

test('a system prompt may be a string, and a breakpoint may be at the top level', () => {
  const text = '{"system":"s","cache_control":{"type":"ephemeral"},"messages":[]}'

  const found = find(text)

  expect(print(text, found.system)).toEqual([['"s"']])
  expect(found).toMatchObject({ automatic: '5m', messages: { groups: [], isCut: false } })
})

test('a block with only a text is told apart from one with more', () => {
  const blocks =
    '[{"type":"text","text":"a"},{"text":"b","type":"text","citations":[]},{"type":"x","text":"c"}]'

  const { groups } = find(`{"system":${blocks}}`).system

  expect(groups.map((group) => group.blocks[0]?.text !== null)).toEqual([true, false, false])
})

test.each([
  ['bytes', { ...wide, maxBytes: 100 }],
  ['blocks', { ...wide, maxBlocks: 2 }],
])('stops at the largest number of %s', (_, bounds) => {
  const long = `"${'x'.repeat(40)}"`

  const { messages } = find(
    `{"messages":[{"content":${long}},{"content":[${long}]},{"content":${long}}]}`,
    bounds,
  )

  expect(messages).toMatchObject({ isCut: true })
  expect(messages.groups).toHaveLength(2)
})

test.each(['{"messages":7}', '{"messages":[7]}', '{"messages":[{"content":["a" "b"]}]}', '{"tools":[1 2]}'])(
  'a part of another shape ends there: %s',
  (text) => {
    const { messages, tools } = find(text)

    expect(messages.isCut || tools.isCut).toBe(true)
  },
)

test('the blocks are those that JSON.parse reads', () => {
  const block = fc.dictionary(fc.constantFrom('type', 'text', 'input', 'b"\\', 'c'), fc.jsonValue(), {
    minKeys: 1,
  })
  const content = fc.oneof(fc.string(), fc.array(block, { maxLength: 4 }))
  const body = fc.record({
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content }), { maxLength: 4 }),
    tools: fc.array(block, { maxLength: 4 }),
    system: fc.oneof(fc.string(), fc.array(block, { maxLength: 3 })),
  })
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      const found = find(text)
      const parse = (part: PromptPart) =>
        print(text, part).map((blocks) => blocks.map((one) => JSON.parse(one)))
      const plain = JSON.parse(text) as typeof value
      const listOf = (one: unknown) => (Array.isArray(one) ? one : [one])

      expect(parse(found.tools)).toEqual(plain.tools.map((one) => [one]))
      expect(parse(found.system)).toEqual(listOf(plain.system).map((one) => [one]))
      expect(parse(found.messages)).toEqual(plain.messages.map((one) => listOf(one.content)))
    }),
  )
})
