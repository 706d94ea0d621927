import { expect, test } from 'vitest'
import { listTexts } from '../../request.ts'

const asOf = '2026-11-22'

test.each(['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-1', 'claude-3-haiku-20240307'])(
  '%s rejects effort',
  (name) => {
    expect(listTexts({ effort: 'low' }, name, { asOf })).toEqual([
      'This model does not support the effort parameter.',
    ])
  },
)

test.each([
  ['claude-opus-4-5', ['low', 'medium', 'high'], ['xhigh', 'max']],
  ['claude-opus-4-6', ['low', 'medium', 'high', 'max'], ['xhigh']],
  ['claude-sonnet-4-6', ['low', 'medium', 'high', 'max'], ['xhigh']],
  ['claude-opus-4-7', ['low', 'medium', 'high', 'xhigh', 'max'], []],
  ['claude-haiku-5-5', ['low', 'medium', 'high', 'xhigh', 'max'], []],
])('%s accepts the efforts %j and rejects %j', (name, taken, refused) => {
  for (const effort of taken) expect(listTexts({ effort }, name, { asOf })).toEqual([])
  for (const effort of refused) {
    expect(listTexts({ effort }, name, { asOf })).toEqual([
      `This model does not support effort level '${effort}'. Supported levels: ${taken.join(', ')}.`,
    ])
  }
})

test('an effort that no model has gets the text of the schema', () => {
  expect(listTexts({ effort: 'minimal' }, 'claude-opus-4-6', { asOf })).toEqual([
    "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
  ])
})

test('requires a header for effort on Opus 4.5 until 2026-02-05', () => {
  const facts = { effort: 'low', betas: [] }
  const header = { effort: 'low', betas: ['effort-2025-11-24'] }

  expect(listTexts(facts, 'claude-opus-4-5', { asOf: '2026-02-04' })).toEqual([
    'output_config: Extra inputs are not permitted',
  ])
  expect(listTexts(header, 'claude-opus-4-5', { asOf: '2026-02-04' })).toEqual([])
  expect(listTexts(facts, 'claude-opus-4-5', { asOf: '2026-02-05' })).toEqual([])
})

test.each([
  ['claude-opus-5', 'disabled'],
  ['claude-haiku-5-5', 'disabled'],
  ['claude-sonnet-5-5', 'between_tools'],
])('%s reduces thinking (%s) up to effort high only', (name, thinking_type) => {
  expect(listTexts({ thinking_type, effort: 'high' }, name, { asOf })).toEqual([])
  expect(listTexts({ thinking_type }, name, { asOf })).toEqual([])
  for (const effort of ['xhigh', 'max']) {
    expect(listTexts({ thinking_type, effort }, name, { asOf })).toEqual([
      `output_config.effort '${effort}' is not supported when thinking is disabled on this model. Use effort 'high' or below, or enable thinking.`,
    ])
    expect(listTexts({ thinking_type: 'adaptive', effort }, name, { asOf })).toEqual([])
  }
})

test('accepts any effort on Opus 4.7 with thinking off', () => {
  expect(listTexts({ thinking_type: 'disabled', effort: 'max' }, 'claude-opus-4-7', { asOf })).toEqual([])
})

test('accepts inference_geo from the 4.6 models on', () => {
  expect(listTexts({ inference_geo: 'us' }, 'claude-opus-4-6', { asOf })).toEqual([])
  expect(listTexts({ inference_geo: 'global' }, 'claude-opus-4-5', { asOf })).toEqual([
    "'claude-opus-4-5-20251101' does not support inference_geo.",
  ])
})

test.each(['claude-opus-5-5', 'claude-fable-5-2', 'claude-mythos-5-2'])(
  '%s accepts fast mode with or without the header of the research preview',
  (name) => {
    for (const betas of [[], ['fast-mode-2026-02-01']])
      expect(listTexts({ speed: 'fast', betas }, name, { asOf })).toEqual([])
    expect(listTexts({ speed: 'fast', betas: [] }, name, { asOf, platform: 'bedrock' })).toHaveLength(1)
    expect(listTexts({ speed: 'fast', betas: [] }, name, { asOf, platform: 'foundry' })).toHaveLength(1)
  },
)

test('rejects fast mode on Opus 4.8 since 2026-11-30', () => {
  const facts = { speed: 'fast', betas: ['fast-mode-2026-02-01'] }

  expect(listTexts(facts, 'claude-opus-4-8', { asOf: '2026-11-29' })).toEqual([])
  expect(listTexts(facts, 'claude-opus-4-8', { asOf: '2026-11-30' })).toEqual([
    "'claude-opus-4-8' does not support speed: fast.",
  ])
})

test.each(['claude-opus-4-8', 'claude-opus-5'])('%s accepts fast mode with the header', (name) => {
  const betas = ['fast-mode-2026-02-01']

  expect(listTexts({ speed: 'fast', betas }, name, { asOf })).toEqual([])
  expect(listTexts({ speed: 'fast', betas: [] }, name, { asOf })).toEqual([
    'speed: Extra inputs are not permitted',
  ])
  expect(listTexts({ speed: 'standard' }, name, { asOf })).toEqual([])
  expect(listTexts({ speed: 'fast', betas }, name, { asOf, platform: 'bedrock' })).toHaveLength(1)
})

test('ignores fast mode on Opus 4.6, and rejects it on Opus 4.7 since 2026-07-24', () => {
  expect(listTexts({ speed: 'fast' }, 'claude-opus-4-6', { asOf })).toEqual([])
  expect(listTexts({ speed: 'fast' }, 'claude-opus-4-7', { asOf: '2026-07-23' })).toEqual([])
  expect(listTexts({ speed: 'fast' }, 'claude-opus-4-7', { asOf: '2026-07-24' })).toEqual([
    "'claude-opus-4-7' does not support speed: fast.",
  ])
})

test('rejects speed in a batch, and accepts it for Fable 5.2 on Google Cloud without a header', () => {
  expect(listTexts({ batch: true, speed: 'standard' }, 'claude-opus-5-5', { asOf })).toEqual([
    'speed: Extra inputs are not permitted',
  ])

  const facts = { speed: 'fast', betas: [] }
  expect(listTexts(facts, 'claude-fable-5-2', { asOf, platform: 'vertex' })).toEqual([])
})

test.each([
  ['claude-opus-4-1', true],
  ['claude-sonnet-4-5', true],
  ['claude-opus-5-5', true],
  ['claude-opus-4-0', false],
  ['claude-sonnet-4-0', false],
])('%s has structured outputs: %s', (name, given) => {
  expect(listTexts({ output_format: true }, name, { asOf })).toHaveLength(given ? 0 : 1)
})

test('rejects structured outputs for Haiku 5.5 on Bedrock', () => {
  const facts = { output_format: true }

  expect(listTexts(facts, 'claude-haiku-5-5', { asOf })).toEqual([])
  expect(listTexts(facts, 'claude-haiku-5-5', { asOf, platform: 'bedrock' })).toEqual([
    "'claude-haiku-5-5' does not support structured outputs.",
  ])
})

test('reports nothing about structured outputs if no source states them', () => {
  expect(listTexts({ output_format: true }, 'claude-3-haiku-20240307', { asOf })).toEqual([])
})

test('rejects server-side fallbacks for Haiku 5.5', () => {
  const facts = { body_members: ['model', 'fallbacks'] }

  expect(listTexts(facts, 'claude-haiku-5-5', { asOf })).toEqual([
    "'claude-haiku-5-5' does not support fallbacks.",
  ])
  expect(listTexts(facts, 'claude-sonnet-5-5', { asOf })).toEqual([])
})
