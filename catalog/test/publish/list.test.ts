import { expect, test } from 'vitest'
import type { ListFilter } from '../../src/index.ts'
import { abilityNames, list, models } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const now = { asOf: '2026-11-22' }

test('lists every released model by default, newest first', () => {
  expect(list({ asOf: '2099-12-31' })).toEqual(models)
  expect(list({ asOf: '2025-08-15' }).map(({ page }) => page)).not.toContain(null)
  expect(list({ asOf: '2025-08-15' }).length).toBe(9)
})

test.each<[string, ListFilter, readonly string[]]>([
  ['a family', { family: 'haiku', status: 'active' }, ['claude-haiku-5-5', 'claude-haiku-4-5-20251001']],
  ['a status', { status: 'deprecated' }, ['claude-mythos-preview', 'claude-sonnet-4-5-20250929']],
  ['a platform and its status', { platform: 'bedrock', status: 'deprecated' }, deprecatedOnBedrock()],
  [
    'fast mode',
    { abilities: ['fast'] },
    ['claude-fable-5-2', 'claude-mythos-5-2', 'claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8'],
  ],
  ['several abilities', { abilities: ['effort', 'prefill'] }, ['claude-opus-4-5-20251101']],
  [
    'a long window at a low price',
    { contextTokens: 1_000_000, inputUsdPerMTok: '2', outputUsdPerMTok: '10' },
    ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-sonnet-5'],
  ],
])('finds models by %s', (_, filter, ids) => {
  expect(list({ ...now, ...filter }).map(({ id }) => id)).toEqual(ids)
})

test('applies the day to the fast mode of Opus 4.7 and the window of Opus 4.6', () => {
  const fast = (asOf: string) => list({ asOf, abilities: ['fast'] }).map(({ name }) => name)
  const long = (asOf: string) => list({ asOf, contextTokens: 1_000_000 }).map(({ name }) => name)

  expect(fast('2026-07-23')).toContain('Claude Opus 4.7')
  expect(fast('2026-07-24')).not.toContain('Claude Opus 4.7')
  expect(long('2026-03-12')).toEqual([])
  expect(long('2026-03-13')).toEqual(['Claude Sonnet 4.6', 'Claude Opus 4.6'])
})

test('omits a model without a known price from a price filter', () => {
  expect(list({ ...now, outputUsdPerMTok: '1000' })).not.toContain(modelNamed('claude-mythos-preview'))
})

test('every ability applies to some current models, or to all', () => {
  for (const ability of abilityNames) expect(list({ ...now, abilities: [ability] }).length).toBeGreaterThan(0)
})

function deprecatedOnBedrock(): readonly string[] {
  return ['claude-sonnet-4-5-20250929', 'claude-opus-4-1-20250805']
}
