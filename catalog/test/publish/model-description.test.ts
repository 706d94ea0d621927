import { describe, expect, test } from 'vitest'
import { describeModel, models, resolve, getListedStatus } from '../../src/index.ts'
import type { Model } from '../../src/index.ts'

describe('the description of a model', () => {
  test('had four members until March 2026', () => {
    expect(describeModel(getModel('claude-opus-4-1'), { asOf: '2026-03-17' })).toEqual({
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
      created_at: '2025-08-05T00:00:00Z',
    })
  })

  test('has limits and capabilities since then, and the lifecycle since October', () => {
    const spring = describeModel(getModel('claude-opus-4-1'), { asOf: '2026-03-18' })
    const autumn = describeModel(getModel('claude-opus-4-1'), { asOf: '2026-10-01' })

    expect(spring).toMatchObject({ max_input_tokens: 200_000, max_tokens: 32_000 })
    expect(spring).not.toHaveProperty('lifecycle')
    expect(autumn).toMatchObject({
      line: 'opus',
      lifecycle: 'retired',
      deprecated_at: '2026-06-05T00:00:00Z',
      retires_at: '2026-08-05T00:00:00Z',
    })
  })

  test('has the beta window from the era of a retired model, unless dates are enforced', () => {
    const sonnet = getModel('claude-sonnet-4-0')

    expect(describeModel(sonnet, { asOf: '2026-04-20' })).toMatchObject({ max_input_tokens: 1_000_000 })
    expect(describeModel(sonnet, { asOf: '2026-10-15', mode: 'enforce' })).toMatchObject({
      max_input_tokens: 200_000,
    })
  })

  test('rejects an invalid day', () => {
    expect(() => describeModel(getModel('claude-opus-4-1'), { asOf: 'today' })).toThrow('not a day')
  })
})

test('a model has no status before its release, and is active, deprecated, retired from the day itself on', () => {
  const opus = getModel('claude-opus-4-1')
  const days = ['2025-08-04', '2025-08-05', '2026-06-04', '2026-06-05', '2026-08-04', '2026-08-05']

  expect(days.map((day) => getListedStatus(opus, day))).toEqual([
    null,
    'active',
    'active',
    'deprecated',
    'deprecated',
    'retired',
  ])
})

test('every model has a description on its release day and today', () => {
  for (const model of models) {
    for (const asOf of [model.lifecycle.anthropic.released, '2026-11-22']) {
      expect(describeModel(model, { asOf })).toMatchObject({ type: 'model', id: model.id })
    }
  }
})

function getModel(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no ${name} in the catalog`)
  return found.model
}
