import { expect, test } from 'vitest'
import type { Model } from '../src/index.ts'
import { limitOn, models, valueOn } from '../src/index.ts'
import { modelNamed } from './request.ts'

// Transcribed from the Models overview page of August 2025, table by table, and from the pages of 2026.

const onThePage = models.filter((model) => model.page !== null)

test('lists the models newest first, as the Models API does', () => {
  const released = models.map((model) => model.lifecycle.anthropic.released)

  expect(released).toEqual(released.toSorted(descending))
  expect(onThePage.map((model) => model.displayName)).toEqual([
    'Claude Opus 4.1',
    'Claude Opus 4',
    'Claude Sonnet 4',
    'Claude Sonnet 3.7',
    'Claude Sonnet 3.5 (New)',
    'Claude Haiku 3.5',
    'Claude Sonnet 3.5 (Old)',
    'Claude Haiku 3',
    'Claude Opus 3',
  ])
})

test.each([
  [
    'Claude Opus 4.1',
    'claude-opus-4-1-20250805',
    'anthropic.claude-opus-4-1-20250805-v1:0',
    'claude-opus-4-1@20250805',
  ],
  [
    'Claude Opus 4',
    'claude-opus-4-20250514',
    'anthropic.claude-opus-4-20250514-v1:0',
    'claude-opus-4@20250514',
  ],
  [
    'Claude Sonnet 4',
    'claude-sonnet-4-20250514',
    'anthropic.claude-sonnet-4-20250514-v1:0',
    'claude-sonnet-4@20250514',
  ],
  [
    'Claude Sonnet 3.7',
    'claude-3-7-sonnet-20250219',
    'anthropic.claude-3-7-sonnet-20250219-v1:0',
    'claude-3-7-sonnet@20250219',
  ],
  [
    'Claude Haiku 3.5',
    'claude-3-5-haiku-20241022',
    'anthropic.claude-3-5-haiku-20241022-v1:0',
    'claude-3-5-haiku@20241022',
  ],
  [
    'Claude Haiku 3',
    'claude-3-haiku-20240307',
    'anthropic.claude-3-haiku-20240307-v1:0',
    'claude-3-haiku@20240307',
  ],
])('has the names of %s on three platforms', (name, anthropic, bedrock, vertex) => {
  const model = named(name)

  expect(model.id).toBe(anthropic)
  expect(model.platforms).toMatchObject({ anthropic, bedrock, vertex })
})

test.each([
  ['Claude Opus 4.1', ['claude-opus-4-1']],
  ['Claude Opus 4', ['claude-opus-4-0']],
  ['Claude Sonnet 4', ['claude-sonnet-4-0']],
  ['Claude Sonnet 3.7', ['claude-3-7-sonnet-latest']],
  ['Claude Haiku 3.5', ['claude-3-5-haiku-latest']],
  ['Claude Haiku 3', []],
  ['Claude Opus 3', ['claude-3-opus-latest']],
])('has the aliases of %s', (name, aliases) => {
  expect(named(name).aliases).toEqual(aliases)
})

// Description, strengths, thinking, Priority Tier, latency, window, tooltip, output, tooltip, cut-off.
test.each([
  [
    'Claude Opus 4.1',
    'Our most capable model',
    'Highest level of intelligence and capability',
    true,
    true,
    'Moderately Fast',
    200000,
    '~150K words, ~680K unicode characters',
    32000,
    '~24K words, 109K unicode characters, ~50 single spaced pages',
    '2025-03',
  ],
  [
    'Claude Opus 4',
    'Our previous flagship model',
    'Very high intelligence and capability',
    true,
    true,
    'Moderately Fast',
    200000,
    '~150K words, ~680K unicode characters',
    32000,
    '~24K words, 109K unicode characters, ~50 single spaced pages',
    '2025-03',
  ],
  [
    'Claude Sonnet 4',
    'High-performance model',
    'High intelligence and balanced performance',
    true,
    true,
    'Fast',
    200000,
    '~150K words, ~680K unicode characters',
    64000,
    '~48K words, 218K unicode characters, ~100 single spaced pages',
    '2025-03',
  ],
  [
    'Claude Sonnet 3.7',
    'High-performance model with early extended thinking',
    'High intelligence with toggleable extended thinking',
    true,
    true,
    'Fast',
    200000,
    '~150K words, ~680K unicode characters',
    64000,
    '~48K words, 218K unicode characters, ~100 single spaced pages',
    '2024-11',
  ],
  [
    'Claude Haiku 3.5',
    'Our fastest model',
    'Intelligence at blazing speeds',
    false,
    true,
    'Fastest',
    200000,
    '~150K words, ~215K unicode characters',
    8192,
    '~6.2K words, 28K unicode characters, ~12-13 single spaced pages',
    '2024-07',
  ],
  [
    'Claude Haiku 3',
    'Fast and compact model for near-instant responsiveness',
    'Quick and accurate targeted performance',
    false,
    false,
    'Fast',
    200000,
    '~150K words, ~680K unicode characters',
    4096,
    '~3.1K words, 14K unicode characters, ~6-7 single spaced pages',
    '2023-08',
  ],
])('has every cell of the comparison table for %s', (name, ...cells) => {
  const model = named(name)

  expect([
    model.description,
    model.strengths,
    model.thinking !== null,
    model.priorityTier,
    model.comparativeLatency,
    model.contextWindow.tokens,
    model.contextWindow.tooltip,
    model.maxOutput.tokens,
    model.maxOutput.tooltip,
    model.trainingCutoff,
  ]).toEqual(cells)
  expect([model.multilingual, model.vision]).toEqual([true, true])
  expect([model.input, model.output]).toEqual([['text', 'image'], ['text']])
})

test('has exactly the two limits of the page that a beta raises', () => {
  const betas = onThePage.flatMap(({ name, contextWindow, maxOutput }) =>
    [contextWindow.beta, maxOutput.beta].flatMap((beta) =>
      beta === null ? [] : [[name, beta.header, beta.tokens]],
    ),
  )

  expect(betas).toEqual([
    ['Claude Sonnet 4', 'context-1m-2025-08-07', 1_000_000],
    ['Claude Sonnet 3.7', 'output-128k-2025-02-19', 128_000],
  ])
})

// Base input, 5m cache write, 1h cache write, cache hit, output: the price table, as printed.
test.each([
  ['Claude Opus 4.1', '15', '18.75', '30', '1.50', '75'],
  ['Claude Opus 4', '15', '18.75', '30', '1.50', '75'],
  ['Claude Sonnet 4', '3', '3.75', '6', '0.30', '15'],
  ['Claude Sonnet 3.7', '3', '3.75', '6', '0.30', '15'],
  ['Claude Sonnet 3.5', '3', '3.75', '6', '0.30', '15'],
  ['Claude Haiku 3.5', '0.80', '1', '1.6', '0.08', '4'],
  ['Claude Opus 3', '15', '18.75', '30', '1.50', '75'],
  ['Claude Haiku 3', '0.25', '0.30', '0.50', '0.03', '1.25'],
])('has the prices of %s', (name, ...printed) => {
  const rows = models.filter((model) => model.name === name)

  expect(rows.length).toBeGreaterThan(0)
  for (const model of rows) expect(printedPrices(model)).toEqual(printed)
})

// Deprecated, retired, replacement on the newest deprecations page.
test.each([
  ['claude-opus-4-1-20250805', '2026-06-05', '2026-08-05', 'claude-opus-4-8'],
  ['claude-opus-4-20250514', '2026-04-14', '2026-06-15', 'claude-opus-4-8'],
  ['claude-sonnet-4-20250514', '2026-04-14', '2026-06-15', 'claude-sonnet-5-5'],
  ['claude-3-7-sonnet-20250219', '2025-10-28', '2026-02-19', 'claude-sonnet-5-5'],
  ['claude-3-5-haiku-20241022', '2025-12-19', '2026-02-19', 'claude-haiku-4-5-20251001'],
  ['claude-3-haiku-20240307', '2026-02-19', '2026-04-20', 'claude-haiku-4-5-20251001'],
  ['claude-3-5-sonnet-20241022', '2025-08-13', '2025-10-28', 'claude-sonnet-5-5'],
  ['claude-3-5-sonnet-20240620', '2025-08-13', '2025-10-28', 'claude-sonnet-5-5'],
  ['claude-3-opus-20240229', '2025-06-30', '2026-01-05', 'claude-opus-4-8'],
])('has the lifecycle of %s', (id, deprecated, retired, replacement) => {
  const model = models.find((each) => each.id === id)

  expect(model?.lifecycle.anthropic).toMatchObject({ deprecated, retired, replacement })
})

// Minimum cacheable prompt; tokens that tools add with auto or none, and with any or tool.
test.each([
  ['Claude Opus 4.1', 1024, 346, 313],
  ['Claude Opus 4', 1024, 346, 313],
  ['Claude Sonnet 4', 1024, 346, 313],
  ['Claude Sonnet 3.7', 1024, 346, 313],
  ['Claude Haiku 3.5', 2048, 264, 340],
  ['Claude Haiku 3', 2048, 264, 340],
  ['Claude Opus 3', 1024, 530, 281],
])('has the token facts of %s', (name, minCacheable, auto, forced) => {
  const model = named(name)

  expect(model.minCacheableTokens).toBe(minCacheable)
  expect(valueOn(model.toolPromptTokens, '2025-08-15')).toMatchObject({ auto, forced })
})

// With auto or none, and with any or tool, since the revision of 2026.
test.each([
  ['claude-opus-4-1', 313, 315],
  ['claude-opus-4-0', 313, 315],
  ['claude-sonnet-4-0', 313, 315],
  ['claude-3-5-haiku-latest', 264, 355],
  ['claude-sonnet-4-5', 496, 588],
  ['claude-haiku-4-5', 496, 588],
  ['claude-opus-4-5', 496, 588],
  ['claude-opus-4-6', 497, 589],
  ['claude-sonnet-4-6', 497, 589],
  ['claude-opus-4-7', 675, 804],
  ['claude-opus-4-8', 290, 410],
  ['claude-sonnet-5', 354, 474],
  ['claude-opus-5', 286, 406],
  ['claude-haiku-5-5', 286, 406],
  ['claude-opus-5-5', 286, null],
  ['claude-sonnet-5-5', 286, null],
])('has the tokens that tools add to the prompt of %s in November 2026', (name, auto, forced) => {
  expect(valueOn(modelNamed(name).toolPromptTokens, '2026-11-22')).toMatchObject({ auto, forced })
})

// From Bedrock's own pages and, for the models of the page, from the documentation of November 2025.
test.each([
  ['claude-opus-4-1', ['us']],
  ['claude-opus-4-0', ['us']],
  ['claude-sonnet-4-0', ['global', 'us', 'eu', 'apac']],
  ['claude-3-7-sonnet-latest', ['us', 'eu', 'apac']],
  ['claude-3-5-haiku-latest', ['us']],
  ['claude-3-haiku-20240307', ['us', 'eu', 'apac']],
  ['claude-sonnet-4-5', ['global', 'us', 'eu', 'jp', 'au']],
  ['claude-haiku-4-5', ['global', 'us', 'eu', 'jp', 'au']],
  ['claude-opus-4-5', ['global', 'us', 'eu']],
  ['claude-opus-4-6', ['global', 'us', 'eu', 'jp', 'apac']],
  ['claude-sonnet-4-6', ['global', 'us', 'eu', 'jp']],
  ['claude-opus-4-7', ['us', 'eu', 'jp', 'au', 'global']],
  ['claude-opus-4-8', ['us', 'eu', 'jp', 'au', 'global']],
  ['claude-sonnet-5', ['us', 'eu', 'jp', 'au', 'global']],
  ['claude-opus-5', ['us', 'eu', 'jp', 'au', 'global']],
  ['claude-opus-5-5', ['us', 'jp', 'global']],
  ['claude-sonnet-5-5', ['us', 'global']],
  ['claude-haiku-5-5', ['us', 'global']],
  ['claude-fable-5', ['us', 'global']],
  ['claude-fable-5-2', ['us', 'global']],
  ['claude-mythos-5', null],
  ['claude-3-opus-latest', null],
])('has the inference profiles of %s', (name, profiles) => {
  expect(modelNamed(name).bedrockProfiles).toEqual(profiles)
})

// The models that supported `structured_outputs` in April 2026, and later ones according to their pages.
test.each([
  ['claude-opus-4-1', true],
  ['claude-opus-4-0', false],
  ['claude-sonnet-4-0', false],
  ['claude-3-7-sonnet-latest', null],
  ['claude-sonnet-4-5', true],
  ['claude-haiku-4-5', true],
  ['claude-opus-4-7', true],
])('has the structured outputs of %s', (name, supported) => {
  expect(modelNamed(name).behaviour.structuredOutputs.supported).toBe(supported)
})

test('has the regional premium from the 4.5 generation on', () => {
  const without = models.filter(({ regionalPremium }) => !regionalPremium)

  expect(without.map(({ id }) => id)).toEqual(onThePage.map(({ id }) => id))
})

test('has the windows and outputs of launch days', () => {
  const [opus46, opus47] = [modelNamed('claude-opus-4-6'), modelNamed('claude-opus-4-7')]

  expect(limitOn(opus46.contextWindow, '2026-03-12')).toMatchObject({
    tokens: 200_000,
    beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000 },
  })
  expect(limitOn(opus46.contextWindow, '2026-03-13')).toEqual({ tokens: 1_000_000, beta: null })
  expect(limitOn(opus47.contextWindow, '2026-03-12')).toEqual({ tokens: 1_000_000, beta: null })
})

function named(name: string): Model {
  const found = models.find((model) => model.name === name)
  if (found === undefined) throw new Error(`no ${name} in the catalog`)
  return found
}

function printedPrices(model: Model): (string | undefined)[] {
  const prices = model.rateCards.at(-1)?.standard
  return [prices?.input, prices?.cache_write_5m, prices?.cache_write_1h, prices?.cache_read, prices?.output]
}

function descending(left: string, right: string): number {
  return left < right ? 1 : Number(left > right) * -1
}
