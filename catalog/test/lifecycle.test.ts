import { expect, test } from 'vitest'
import { CatalogError, check, lifecycleOf } from '../src/index.ts'
import { modelNamed } from './request.ts'

const opus41 = modelNamed('claude-opus-4-1')

test.each([
  ['2025-08-15', 'active'],
  ['2026-06-04', 'active'],
  ['2026-06-05', 'deprecated'],
  ['2026-08-04', 'deprecated'],
  ['2026-08-05', 'retired'],
  ['2031-01-01', 'retired'],
])('Opus 4.1 on %s is %s', (asOf, status) => {
  expect(lifecycleOf(opus41, asOf)).toEqual({
    status,
    deprecated: '2026-06-05',
    retired: '2026-08-05',
    replacement: 'claude-opus-4-8',
  })
})

test('judges by today when no day is given', () => {
  expect(lifecycleOf(opus41)).toEqual(lifecycleOf(opus41, new Date().toISOString().slice(0, 10)))
})

test.each(['', 'today', '2025-8-15', '2025-02-30', '2025-13-01', '2025-08-15T00:00:00Z'])(
  'refuses the day %j',
  (asOf) => {
    expect(() => lifecycleOf(opus41, asOf)).toThrow(CatalogError)
  },
)

test('serves a retired model with the facts of its era in mode ignore, and says so', () => {
  expect(check({}, opus41, { asOf: '2026-11-22' })).toEqual([
    {
      code: 'model_retired',
      severity: 'notice',
      status: 200,
      type: 'notice',
      message:
        'claude-opus-4-1-20250805 was retired on 2026-08-05, replaced by claude-opus-4-8; it is served with the facts of 2025-08-15.',
      hint: 'Move to claude-opus-4-8.',
      path: 'model',
    },
  ])
})

test('refuses a retired model like an unknown one in mode enforce', () => {
  expect(check({}, opus41, { asOf: '2026-08-05', lifecycle: 'enforce' })).toEqual([
    {
      code: 'model_retired',
      severity: 'error',
      status: 404,
      type: 'not_found_error',
      message: 'model: claude-opus-4-1-20250805',
      hint: 'It was retired on 2026-08-05: Move to claude-opus-4-8.',
      path: 'model',
    },
  ])
})

test('gives notice of retirement in mode warn', () => {
  expect(check({}, opus41, { asOf: '2026-08-05', lifecycle: 'warn' })).toMatchObject([
    {
      severity: 'notice',
      message:
        'claude-opus-4-1-20250805 was retired on 2026-08-05, replaced by claude-opus-4-8; the API answers 404 for it.',
    },
  ])
})

test.each(['warn', 'enforce'] as const)('gives notice of deprecation in mode %s', (lifecycle) => {
  expect(check({}, opus41, { asOf: '2026-06-05', lifecycle })).toMatchObject([
    {
      code: 'model_deprecated',
      severity: 'notice',
      message:
        'claude-opus-4-1-20250805 is deprecated since 2026-06-05 and retires on 2026-08-05, replaced by claude-opus-4-8.',
    },
  ])
})

test('says nothing of deprecation in mode ignore, and nothing of an active model in any', () => {
  expect(check({}, opus41, { asOf: '2026-06-05', lifecycle: 'ignore' })).toEqual([])
  expect(check({}, opus41, { asOf: '2026-06-04', lifecycle: 'warn' })).toEqual([])
  expect(check({}, opus41, { asOf: '2026-06-04', lifecycle: 'enforce' })).toEqual([])
})
