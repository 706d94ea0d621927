import { expect, test } from 'vitest'
import type { Platform, RequestFacts } from '../../../src/index.ts'
import { listTexts } from '../../request.ts'

const page = 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
const considerations = `Please consult our documentation at ${page}#important-considerations-when-using-extended-thinking`

test.each(['claude-opus-4-1', 'claude-opus-4-0', 'claude-sonnet-4-0', 'claude-3-7-sonnet-latest'])(
  '%s accepts thinking',
  (name) => {
    expect(listTexts(thinking(), name)).toEqual([])
  },
)

test.each([
  ['claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022'],
  ['claude-3-haiku-20240307', 'claude-3-haiku-20240307'],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['claude-3-opus-latest', 'claude-3-opus-20240229'],
])('%s rejects thinking and accepts disabled', (name, id) => {
  expect(listTexts(thinking(), name)).toEqual([`'${id}' does not support thinking.`])
  expect(listTexts({ thinking_type: 'disabled' }, name)).toEqual([])
})

test.each(['claude-opus-4-1', 'claude-3-7-sonnet-latest', 'claude-3-5-haiku-latest'])(
  '%s rejects adaptive thinking',
  (name) => {
    expect(listTexts({ thinking_type: 'adaptive' }, name)).toEqual([
      'adaptive thinking is not supported on this model',
    ])
  },
)

test('requires a budget of at least 1,024 tokens', () => {
  expect(listTexts(thinking({ budget_tokens: 1024 }), 'claude-sonnet-4-0')).toEqual([])
  expect(listTexts(thinking({ budget_tokens: 1023 }), 'claude-sonnet-4-0')).toEqual([
    'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  ])
})

test('requires max_tokens above the budget', () => {
  expect(listTexts(thinking({ budget_tokens: 4095 }), 'claude-3-7-sonnet-latest')).toEqual([])
  expect(listTexts(thinking({ budget_tokens: 4096 }), 'claude-3-7-sonnet-latest')).toEqual([
    `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. Please consult our documentation at ${page}#max-tokens-and-context-window-size`,
  ])
})

test('lets the budget exceed max_tokens between tool calls, on the models that can', () => {
  const facts = thinking({
    budget_tokens: 10_000,
    betas: ['interleaved-thinking-2025-05-14'],
    has_tools: true,
  })

  expect(listTexts(facts, 'claude-opus-4-1')).toEqual([])
  expect(listTexts({ ...facts, has_tools: undefined }, 'claude-sonnet-4-0')).toEqual([])
  expect(listTexts({ ...facts, has_tools: false }, 'claude-opus-4-1')).toHaveLength(1)
  expect(listTexts({ ...facts, betas: [] }, 'claude-opus-4-1')).toHaveLength(1)
  expect(listTexts(facts, 'claude-3-7-sonnet-latest')).toHaveLength(1)
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
])('rejects %j with thinking, and accepts it without', (facts: RequestFacts, text) => {
  expect(listTexts(thinking(facts), 'claude-opus-4-0')).toEqual([text])
  expect(listTexts(facts, 'claude-opus-4-0')).toEqual([])
  expect(listTexts({ ...facts, thinking_type: 'disabled' }, 'claude-opus-4-0')).toEqual([])
})

test.each([
  { temperature: 1 },
  { top_p: 0.95 },
  { top_p: 1 },
  { tool_choice_type: 'auto' },
  { prefill: false },
])('accepts thinking with %j', (facts: RequestFacts) => {
  expect(listTexts(thinking(facts), 'claude-opus-4-0')).toEqual([])
})

test('reports only that a model has no thinking, not the restrictions of thinking', () => {
  const facts = thinking({
    temperature: 0,
    top_k: 1,
    tool_choice_type: 'any',
    prefill: true,
    budget_tokens: 9999,
  })

  expect(listTexts(facts, 'claude-3-haiku-20240307')).toEqual([
    "'claude-3-haiku-20240307' does not support thinking.",
  ])
})

test('reports only the removal of a sampling parameter', () => {
  const facts = thinking({ temperature: 0, api_version: '2026-10-21' })

  expect(listTexts(facts, 'claude-opus-4-1')).toEqual(['temperature: Extra inputs are not permitted'])
})

const asOf = '2026-11-22'
const types = ['enabled', 'adaptive', 'disabled', 'between_tools'] as const

test.each([
  ['claude-sonnet-4-5', ['enabled', 'disabled']],
  ['claude-haiku-4-5', ['enabled', 'disabled']],
  ['claude-opus-4-5', ['enabled', 'disabled']],
  ['claude-opus-4-6', ['enabled', 'adaptive', 'disabled']],
  ['claude-sonnet-4-6', ['enabled', 'adaptive', 'disabled']],
  ['claude-mythos-preview', ['enabled', 'adaptive']],
  ['claude-opus-4-7', ['adaptive', 'disabled']],
  ['claude-opus-4-8', ['adaptive', 'disabled']],
  ['claude-fable-5', ['adaptive']],
  ['claude-sonnet-5', ['adaptive', 'disabled']],
  ['claude-opus-5', ['adaptive', 'disabled']],
  ['claude-fable-5-1', ['adaptive']],
  ['claude-opus-5-5', ['adaptive']],
  ['claude-sonnet-5-5', ['adaptive', 'between_tools']],
  ['claude-haiku-5-5', ['adaptive', 'disabled']],
  ['claude-fable-5-2', ['adaptive']],
])('%s accepts exactly the thinking types %j', (name, taken) => {
  for (const thinking_type of types) {
    const texts = listTexts({ thinking_type }, name, { asOf })

    expect([thinking_type, texts.length]).toEqual([thinking_type, taken.includes(thinking_type) ? 0 : 1])
  }
})

test.each([
  [
    'enabled',
    'claude-opus-4-7',
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  ],
  ['disabled', 'claude-opus-5-5', '"thinking.type.disabled" is not supported for this model.'],
  ['between_tools', 'claude-opus-5', '"thinking.type.between_tools" is not supported for this model.'],
  ['adaptive', 'claude-sonnet-4-5', 'adaptive thinking is not supported on this model'],
])('rejects the type %s on %s with: %s', (thinking_type, name, text) => {
  expect(listTexts({ thinking_type }, name, { asOf })).toEqual([text])
})

test('reports a budget once on a model without budgets', () => {
  expect(listTexts(thinking({ budget_tokens: 9 }), 'claude-opus-4-7', { asOf })).toHaveLength(1)
})

test.each(['adaptive', 'disabled', 'between_tools'])('rejects a budget for the type %s', (thinking_type) => {
  expect(listTexts({ thinking_type, budget_tokens: 2048 }, 'claude-haiku-5-5', { asOf })).toContain(
    `thinking.${thinking_type}.budget_tokens: Extra inputs are not permitted`,
  )
})

test('requires temperature 1 in adaptive mode, with its own text', () => {
  const text =
    '`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please consult our documentation at https://platform.claude.com/docs/en/build-with-claude/extended-thinking'
  const facts = { thinking_type: 'adaptive', temperature: 0.5 }

  expect(listTexts(facts, 'claude-opus-4-6', { asOf })).toEqual([text])
  expect(listTexts(facts, 'claude-opus-5', { asOf })).toEqual([text])
  expect(listTexts({ ...facts, temperature: 1 }, 'claude-opus-5', { asOf })).toEqual([])
})

test('lets a budget exceed max_tokens with the header on Sonnet 4.5 and Opus 4.5, not on Haiku 4.5', () => {
  const facts = thinking({
    budget_tokens: 10_000,
    betas: ['interleaved-thinking-2025-05-14'],
    has_tools: true,
  })

  expect(listTexts(facts, 'claude-sonnet-4-5', { asOf })).toEqual([])
  expect(listTexts(facts, 'claude-opus-4-5', { asOf })).toEqual([])
  expect(listTexts(facts, 'claude-haiku-4-5', { asOf })).toHaveLength(1)
})

test.each(['claude-fable-5-1', 'claude-mythos-5-2', 'claude-opus-5-5', 'claude-sonnet-5-5'])(
  '%s rejects a forced tool',
  (name) => {
    for (const tool_choice_type of ['any', 'tool']) {
      expect(listTexts({ tool_choice_type }, name, { asOf })).toEqual([
        'tool_choice: type "tool" and "any" are not supported for this model.',
      ])
    }
    expect(listTexts({ tool_choice_type: 'auto' }, name, { asOf })).toEqual([])
    expect(listTexts({ tool_choice_type: 'none' }, name, { asOf })).toEqual([])
  },
)

test.each(['claude-opus-4-6', 'claude-sonnet-5', 'claude-opus-5', 'claude-haiku-5-5'])(
  '%s accepts a forced tool, also in adaptive mode',
  (name) => {
    expect(listTexts({ tool_choice_type: 'tool' }, name, { asOf })).toEqual([])
    expect(listTexts({ tool_choice_type: 'any', thinking_type: 'adaptive' }, name, { asOf })).toEqual([])
  },
)

function thinking(facts: RequestFacts = {}): RequestFacts {
  return { max_tokens: 4096, thinking_type: 'enabled', budget_tokens: 2048, ...facts }
}

test.each(['any', 'tool'])(
  'Sonnet 5 on Bedrock takes the tool choice %s with thinking disabled only',
  (type) => {
    const texts = (thinking_type: string | undefined, platform: Platform) =>
      listTexts({ tool_choice_type: type, thinking_type }, 'claude-sonnet-5', { asOf, platform })

    for (const thinkingType of [undefined, 'adaptive'])
      expect(texts(thinkingType, 'bedrock')).toEqual([
        'Thinking may not be enabled when tool_choice forces tool use.',
      ])
    expect(texts('disabled', 'bedrock')).toEqual([])
    expect(texts(undefined, 'anthropic')).toEqual([])
    expect(texts('adaptive', 'vertex')).toEqual([])
  },
)
