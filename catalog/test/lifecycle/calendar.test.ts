import { expect, test } from 'vitest'
import { calendar, models } from '../../src/index.ts'

test('lists the retirements on the Claude API after 2026-11-22, soonest first', () => {
  const rows = calendar({ asOf: '2026-11-22' }).map(({ day, event, model }) => [day, event, model])

  expect(rows.slice(0, 4)).toEqual([
    ['2026-10-15', 'may_retire', 'claude-haiku-4-5-20251001'],
    ['2026-11-24', 'may_retire', 'claude-opus-4-5-20251101'],
    ['2026-11-30', 'retires', 'claude-sonnet-4-5-20250929'],
    ['2027-02-05', 'may_retire', 'claude-opus-4-6'],
  ])
  // Deprecated without a day.
  expect(rows.at(-1)).toEqual([null, 'retires', 'claude-mythos-preview'])
  expect(rows.length).toBe(models.length - 9)
})

test('omits what was announced after the given day', () => {
  const row = (asOf: string) => calendar({ asOf }).find(({ model }) => model === 'claude-opus-4-1-20250805')

  expect(row('2025-08-15')).toMatchObject({ day: '2026-08-05', event: 'may_retire', replacement: null })
  expect(row('2026-06-05')).toMatchObject({ event: 'retires', replacement: 'claude-opus-4-8' })
  expect(row('2026-08-05')).toBeUndefined()
})

test('lists the dates that a cloud published', () => {
  expect(calendar({ asOf: '2026-11-22', platform: 'vertex' })).toMatchObject([
    { model: 'claude-fable-5-2', day: '2027-11-09', event: 'may_retire', platform: 'vertex' },
    { model: 'claude-mythos-5-2' },
  ])
})
