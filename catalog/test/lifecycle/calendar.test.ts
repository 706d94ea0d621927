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

test('knows the retirement of Opus 4.5 since the day on which it was announced', () => {
  const row = (asOf: string) => calendar({ asOf }).find(({ model }) => model === 'claude-opus-4-5-20251101')

  expect(row('2026-11-22')).toMatchObject({ day: '2026-11-24', event: 'may_retire' })
  // The changelog of @anthropic-ai/sdk 1.13.0, 2026-11-23: "end-of-life January 22, 2027".
  expect(row('2026-11-23')).toMatchObject({
    day: '2027-01-22',
    event: 'retires',
    replacement: 'claude-opus-5-5',
  })
})

test('lists the dates that a cloud published', () => {
  expect(calendar({ asOf: '2026-11-29', platform: 'vertex' })).toMatchObject([
    // Google Cloud has the day of the Claude API (deprecations-2026-11).
    { model: 'claude-opus-4-5-20251101', day: '2027-01-22', event: 'retires', platform: 'vertex' },
    { model: 'claude-fable-5-2', day: '2027-11-09', event: 'may_retire', platform: 'vertex' },
    { model: 'claude-mythos-5-2' },
  ])
})

test('lists the ends of life on Bedrock, with the replacements that Anthropic names', () => {
  const rows = (asOf: string) =>
    calendar({ asOf, platform: 'bedrock' })
      .filter(({ event }) => event === 'retires')
      .map(({ day, model, replacement }) => [day, model, replacement])

  expect(rows('2026-11-28')).toEqual([
    ['2027-01-08', 'claude-opus-4-1-20250805', 'claude-opus-4-8'],
    // Claude Code warns of it; Bedrock's own day was not found.
    [null, 'claude-sonnet-4-5-20250929', 'claude-sonnet-5-5'],
  ])
  expect(rows('2026-06-01')).toEqual([
    ['2026-06-19', 'claude-3-5-haiku-20241022', 'claude-haiku-4-5-20251001'],
    ['2026-07-30', 'claude-3-5-sonnet-20240620', null],
    ['2026-07-30', 'claude-3-5-sonnet-20241022', 'claude-sonnet-4-5-20250929'],
    // Retired on the Claude API before the catalog's models.
    ['2026-07-30', 'claude-3-sonnet-20240229', 'claude-sonnet-4-5-20250929'],
    ['2026-09-10', 'claude-3-haiku-20240307', 'claude-haiku-4-5-20251001'],
    ['2026-10-14', 'claude-sonnet-4-20250514', 'claude-sonnet-4-6'],
  ])
})

test('lists the same retirements on Foundry as on the Claude API', () => {
  const onFoundry = calendar({ asOf: '2026-11-28', platform: 'foundry' })

  expect(onFoundry[0]).toMatchObject({ day: '2026-10-15', model: 'claude-haiku-4-5-20251001' })
  expect(onFoundry).toContainEqual({
    day: '2026-11-30',
    event: 'retires',
    model: 'claude-sonnet-4-5-20250929',
    name: 'Claude Sonnet 4.5',
    platform: 'foundry',
    replacement: 'claude-sonnet-5-5',
  })
})

test('names no day, model or replacement that was not known on the given day', () => {
  for (const platform of ['anthropic', 'bedrock', 'vertex', 'foundry'] as const)
    for (const asOf of ['2024-06-01', '2025-08-15', '2026-01-01', '2026-06-20', '2026-11-28'])
      for (const { model, replacement } of calendar({ asOf, platform }))
        for (const id of [model, replacement ?? model]) {
          const released = models.find((each) => each.id === id)?.lifecycle.anthropic.released ?? ''
          expect(released <= asOf, `${id} on ${asOf}`).toBe(true)
        }
})
