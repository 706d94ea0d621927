import { expect, test } from 'vitest'
import type { RequestFacts } from '../../src/index.ts'
import { textsOf } from '../request.ts'

const page = 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
const considerations = `Please consult our documentation at ${page}#important-considerations-when-using-extended-thinking`

test.each(['claude-opus-4-1', 'claude-opus-4-0', 'claude-sonnet-4-0', 'claude-3-7-sonnet-latest'])(
  '%s thinks',
  (name) => {
    expect(textsOf(thinking(), name)).toEqual([])
  },
)

test.each([
  ['claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022'],
  ['claude-3-haiku-20240307', 'claude-3-haiku-20240307'],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['claude-3-opus-latest', 'claude-3-opus-20240229'],
])('%s does not think, and may be told so', (name, id) => {
  expect(textsOf(thinking(), name)).toEqual([`'${id}' does not support thinking.`])
  expect(textsOf({ thinking_type: 'disabled' }, name)).toEqual([])
})

test.each(['claude-opus-4-1', 'claude-3-7-sonnet-latest', 'claude-3-5-haiku-latest'])(
  '%s has no adaptive thinking',
  (name) => {
    expect(textsOf({ thinking_type: 'adaptive' }, name)).toEqual([
      'adaptive thinking is not supported on this model',
    ])
  },
)

test('asks for a budget of at least 1,024 tokens', () => {
  expect(textsOf(thinking({ budget_tokens: 1024 }), 'claude-sonnet-4-0')).toEqual([])
  expect(textsOf(thinking({ budget_tokens: 1023 }), 'claude-sonnet-4-0')).toEqual([
    'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  ])
})

test('asks for max_tokens above the budget', () => {
  expect(textsOf(thinking({ budget_tokens: 4095 }), 'claude-3-7-sonnet-latest')).toEqual([])
  expect(textsOf(thinking({ budget_tokens: 4096 }), 'claude-3-7-sonnet-latest')).toEqual([
    `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. Please consult our documentation at ${page}#max-tokens-and-context-window-size`,
  ])
})

test('lets the budget exceed max_tokens between tool calls, on the models that can', () => {
  const facts = thinking({
    budget_tokens: 10_000,
    betas: ['interleaved-thinking-2025-05-14'],
    has_tools: true,
  })

  expect(textsOf(facts, 'claude-opus-4-1')).toEqual([])
  expect(textsOf({ ...facts, has_tools: undefined }, 'claude-sonnet-4-0')).toEqual([])
  expect(textsOf({ ...facts, has_tools: false }, 'claude-opus-4-1')).toHaveLength(1)
  expect(textsOf({ ...facts, betas: [] }, 'claude-opus-4-1')).toHaveLength(1)
  expect(textsOf(facts, 'claude-3-7-sonnet-latest')).toHaveLength(1)
})

test.each([
  [{ temperature: 0.7 }, `\`temperature\` may only be set to 1 when thinking is enabled. ${considerations}`],
  [{ top_k: 5 }, `\`top_k\` must be unset when thinking is enabled. ${considerations}`],
  [
    { top_p: 0.94 },
    `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled. ${considerations}`,
  ],
  [{ tool_choice_type: 'any' }, 'Thinking may not be enabled when tool_choice forces tool use.'],
  [{ tool_choice_type: 'tool' }, 'Thinking may not be enabled when tool_choice forces tool use.'],
  [
    { prefill: true, last_message_index: 3 },
    'messages.3.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking',
  ],
])('does not think with %j, which is fine without thinking', (facts: RequestFacts, text) => {
  expect(textsOf(thinking(facts), 'claude-opus-4-0')).toEqual([text])
  expect(textsOf(facts, 'claude-opus-4-0')).toEqual([])
  expect(textsOf({ ...facts, thinking_type: 'disabled' }, 'claude-opus-4-0')).toEqual([])
})

test.each([
  { temperature: 1 },
  { top_p: 0.95 },
  { top_p: 1 },
  { tool_choice_type: 'auto' },
  { prefill: false },
])('thinks with %j', (facts: RequestFacts) => {
  expect(textsOf(thinking(facts), 'claude-opus-4-0')).toEqual([])
})

test('says of a model without thinking only that, not what thinking would forbid', () => {
  const facts = thinking({
    temperature: 0,
    top_k: 1,
    tool_choice_type: 'any',
    prefill: true,
    budget_tokens: 9999,
  })

  expect(textsOf(facts, 'claude-3-haiku-20240307')).toEqual([
    "'claude-3-haiku-20240307' does not support thinking.",
  ])
})

test('says of a removed sampling parameter only that', () => {
  const facts = thinking({ temperature: 0, api_version: '2026-10-21' })

  expect(textsOf(facts, 'claude-opus-4-1')).toEqual(['temperature: Extra inputs are not permitted'])
})

function thinking(facts: RequestFacts = {}): RequestFacts {
  return { max_tokens: 4096, thinking_type: 'enabled', budget_tokens: 2048, ...facts }
}
