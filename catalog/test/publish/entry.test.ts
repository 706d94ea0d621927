import { expect, test } from 'vitest'
import { catalogEntry, models } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

test('prints Sonnet 4 member by member', () => {
  const { sources, sources_by_group, notes, ...entry } = catalogEntry(modelNamed('claude-sonnet-4-0'), {
    asOf: '2026-05-01',
  })

  expect(entry).toEqual({
    id: 'claude-sonnet-4-20250514',
    name: 'Claude Sonnet 4',
    aliases: ['claude-sonnet-4-0'],
    platforms: {
      anthropic: 'claude-sonnet-4-20250514',
      bedrock: 'anthropic.claude-sonnet-4-20250514-v1:0',
      vertex: 'claude-sonnet-4@20250514',
      foundry: null,
    },
    description: 'High-performance model',
    strengths: 'High intelligence and balanced performance',
    input: ['text', 'image'],
    output: ['text'],
    multilingual: true,
    vision: true,
    extended_thinking: true,
    priority_tier: true,
    comparative_latency: 'Fast',
    context_window_tokens: 200000,
    context_window_beta: { header: 'context-1m-2025-08-07', tokens: 1000000 },
    max_output_tokens: 64000,
    max_output_beta: null,
    training_cutoff: '2025-03',
    prices: { input: '3', cache_write_5m: '3.75', cache_write_1h: '6', cache_read: '0.30', output: '15' },
    lifecycle: {
      status: 'deprecated',
      deprecated: '2026-04-14',
      retired: '2026-06-15',
      // Its page of that time: Sonnet 5.5 was not released yet.
      replacement: 'claude-sonnet-4-6',
    },
  })
  expect(notes.join(' ')).toContain('context-1m-2025-08-07')
  expect(sources).toContain(
    'Models overview, August 2025, docs.anthropic.com/en/docs/about-claude/models/overview',
  )
  expect(sources_by_group).toMatchObject({
    tokens: [
      'Prompt caching, November 2025, docs.claude.com/en/docs/build-with-claude/prompt-caching',
      'Pricing, November 2025, docs.claude.com/en/docs/about-claude/pricing',
    ],
    // The page of October 2026 was not written yet.
    lifecycle: ['Model deprecations, November 2025, docs.claude.com/en/docs/about-claude/model-deprecations'],
  })
})

test('every group of facts of every model has a source, also on a day before the first page', () => {
  for (const asOf of [undefined, '2023-01-01', '2025-08-15', '2026-11-22'])
    for (const model of models) {
      const { sources, sources_by_group: groups } = catalogEntry(model, { asOf })

      for (const pages of Object.values(groups)) expect(pages.length).toBeGreaterThan(0)
      expect(Object.values(groups).flat()).toEqual(expect.arrayContaining([...sources]))
    }
})

test('has the same members in the same order for every model, and prints as JSON', () => {
  for (const model of models) {
    const entry = catalogEntry(model)

    expect(Object.keys(entry).join(' ')).toBe(
      'id name aliases platforms description strengths input output multilingual vision extended_thinking ' +
        'priority_tier comparative_latency context_window_tokens context_window_beta max_output_tokens ' +
        'max_output_beta training_cutoff prices lifecycle notes sources sources_by_group',
    )
    expect(Object.keys(entry.sources_by_group).join(' ')).toBe(
      'names abilities limits thinking tokens prices lifecycle',
    )
    expect(Object.keys(entry.platforms).join(' ')).toBe('anthropic bedrock vertex foundry')
    expect(Object.keys(entry.lifecycle).join(' ')).toBe('status deprecated retired replacement')
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry)
  }
})

test('prints unknown facts as null', () => {
  expect(catalogEntry(modelNamed('claude-3-opus-latest'))).toMatchObject({
    description: null,
    strengths: null,
    priority_tier: null,
    comparative_latency: null,
    platforms: { foundry: null },
  })
})

test('prints the sources without a scheme', () => {
  for (const model of models) expect(catalogEntry(model).sources.join(' ')).not.toContain('://')
})

test('applies the day to prices, windows and status', () => {
  const on = (name: string, asOf: string) => catalogEntry(modelNamed(name), { asOf })

  expect(on('claude-sonnet-5-5', '2026-10-06').prices?.cache_read).toBe('0.20')
  expect(on('claude-sonnet-5-5', '2026-10-07').prices?.cache_read).toBe('0.10')
  expect(on('claude-opus-4-6', '2026-03-12')).toMatchObject({
    context_window_tokens: 200_000,
    context_window_beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000 },
  })
  expect(on('claude-opus-4-6', '2026-03-13').context_window_tokens).toBe(1_000_000)
  expect(on('claude-opus-5-5', '2025-08-15').lifecycle.status).toBe('unreleased')
})

test('prints no price of a day on which it is not known, and the announced one before the release', () => {
  const haiku = modelNamed('claude-3-5-haiku-latest')

  expect(catalogEntry(haiku, { asOf: '2024-11-01' }).prices).toBeNull()
  expect(catalogEntry(haiku, { asOf: '2025-01-01' }).prices?.input).toBe('0.80')
  expect(catalogEntry(modelNamed('claude-opus-5'), { asOf: '2026-07-01' }).prices?.input).toBe('5')
})

test('prints only the platforms that offered the model by then, and no later note or page', () => {
  const on = (asOf: string) => catalogEntry(modelNamed('claude-opus-4-1'), { asOf })

  expect([on('2025-10-31'), on('2025-11-01')].map(({ platforms }) => platforms.foundry)).toEqual([
    null,
    'claude-opus-4-1',
  ])
  expect(on('2025-08-15').lifecycle).toEqual({
    status: 'active',
    deprecated: null,
    retired: null,
    replacement: null,
  })
  expect(on('2025-08-15').sources.join(' ')).not.toContain('2026')
  expect(on('2026-11-22').sources.join(' ')).toContain('October 2026')
})

test('prints unknown facts of a newer model as null, and uncertain ones as notes', () => {
  const entry = catalogEntry(modelNamed('claude-mythos-preview'), { asOf: '2026-11-22' })

  expect(entry).toMatchObject({
    description: null,
    training_cutoff: null,
    prices: null,
    lifecycle: { status: 'deprecated', deprecated: '2026-06-09', retired: null },
  })
  expect(entry.notes.join(' ')).toContain('Uncertain: price')
})

test('reports thinking as extended if it is enabled with a budget', () => {
  const extended = (name: string) => catalogEntry(modelNamed(name)).extended_thinking

  expect(['claude-sonnet-4-5', 'claude-opus-4-6', 'claude-opus-4-7'].map(extended)).toEqual([
    true,
    true,
    false,
  ])
})
