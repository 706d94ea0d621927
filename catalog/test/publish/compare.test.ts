import { expect, test } from 'vitest'
import { compare, models } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const now = { asOf: '2026-11-22' }

test('compares models fact by fact, and marks differences', () => {
  const rows = compare([modelNamed('claude-sonnet-4-0'), modelNamed('claude-sonnet-5-5')], now)
  const row = (field: string) => rows.find((each) => each.field === field)

  expect(row('price_input')).toEqual({ field: 'price_input', values: ['3', '2'], differs: true })
  expect(row('price_cache_read')?.values).toEqual(['0.30', '0.10'])
  expect(row('status')?.values).toEqual(['retired', 'active'])
  expect(row('context_window_tokens')?.values).toEqual([200_000, 1_000_000])
  expect(row('prefill')?.values).toEqual([true, false])
  expect(row('thinking_types')?.values).toEqual(['enabled, disabled', 'adaptive, between_tools'])
  expect(row('vertex_id')?.values).toEqual(['claude-sonnet-4@20250514', 'claude-sonnet-5-5'])
  expect(row('price_step_above_tokens')?.values).toEqual([200_000, null])
  expect(row('citations')?.differs).toBe(false)
})

test('compares by day', () => {
  const read = (asOf: string) =>
    compare([modelNamed('claude-sonnet-5-5')], { asOf }).find(({ field }) => field === 'price_cache_read')
      ?.values

  expect(read('2026-10-06')).toEqual(['0.20'])
  expect(read('2026-10-07')).toEqual(['0.10'])
})

test('has one row per field, with one value per model', () => {
  const rows = compare(models, now)

  expect(new Set(rows.map(({ field }) => field)).size).toBe(rows.length)
  for (const { values } of rows) expect(values.length).toBe(models.length)
})
