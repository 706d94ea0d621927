import { expect, test } from 'vitest'
import { CatalogError, check, getLifecycle } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const opus41 = modelNamed('claude-opus-4-1')

test.each([
  ['2025-08-15', 'active'],
  ['2026-06-04', 'active'],
  ['2026-06-05', 'deprecated'],
  ['2026-08-04', 'deprecated'],
  ['2026-08-05', 'retired'],
  ['2031-01-01', 'retired'],
])('Opus 4.1 on %s is %s', (asOf, status) => {
  const announced = { deprecated: '2026-06-05', retired: '2026-08-05', replacement: 'claude-opus-4-8' }
  const unannounced = { deprecated: null, retired: null, replacement: null }

  expect(getLifecycle(opus41, 'anthropic', asOf)).toEqual({
    status,
    ...(status === 'active' ? unannounced : announced),
    notBefore: '2026-08-05',
    note: null,
  })
})

test('names only a replacement that was released by then', () => {
  const on = (asOf: string) =>
    getLifecycle(modelNamed('claude-3-7-sonnet-latest'), 'anthropic', asOf).replacement

  expect([on('2025-10-28'), on('2026-09-28')]).toEqual(['claude-sonnet-4-5-20250929', 'claude-sonnet-5-5'])
  // Sonnet 3.5 was deprecated before the models that replace it were released.
  expect(
    getLifecycle(modelNamed('claude-3-5-sonnet-latest'), 'anthropic', '2025-08-15').replacement,
  ).toBeNull()
})

test('uses the current day by default', () => {
  expect(getLifecycle(opus41)).toEqual(
    getLifecycle(opus41, 'anthropic', new Date().toISOString().slice(0, 10)),
  )
})

test.each(['', 'today', '2025-8-15', '2025-02-30', '2025-13-01', '2025-08-15T00:00:00Z'])(
  'rejects the day %j',
  (asOf) => {
    expect(() => getLifecycle(opus41, 'anthropic', asOf)).toThrow(CatalogError)
  },
)

test('serves a retired model with the facts of its era in mode ignore, with a notice', () => {
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

test('rejects a retired model like an unknown one in mode enforce', () => {
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
        'claude-opus-4-1-20250805 was retired on 2026-08-05, replaced by claude-opus-4-8; the API returns 404 for it.',
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

test('reports no deprecation in mode ignore, and nothing about an active model in any mode', () => {
  expect(check({}, opus41, { asOf: '2026-06-05', lifecycle: 'ignore' })).toEqual([])
  expect(check({}, opus41, { asOf: '2026-06-04', lifecycle: 'warn' })).toEqual([])
  expect(check({}, opus41, { asOf: '2026-06-04', lifecycle: 'enforce' })).toEqual([])
})

// From the deprecations page of October 2026, and from the clouds' own lifecycle pages.
test.each([
  ['claude-opus-4-1', 'bedrock', '2025-08-15', 'active'],
  ['claude-opus-4-1', 'bedrock', '2026-11-22', 'deprecated'],
  ['claude-opus-4-1', 'vertex', '2026-11-22', 'active'],
  ['claude-opus-4-1', 'bedrock', '2026-07-07', 'active'],
  ['claude-opus-4-1', 'bedrock', '2026-07-08', 'deprecated'],
  ['claude-opus-4-1', 'bedrock', '2027-01-07', 'deprecated'],
  ['claude-opus-4-1', 'bedrock', '2027-01-08', 'retired'],
  // Foundry is operated by Anthropic, with the dates of the Claude API.
  ['claude-opus-4-1', 'foundry', '2026-08-04', 'deprecated'],
  ['claude-opus-4-1', 'foundry', '2026-11-22', 'retired'],
  ['claude-sonnet-4-5', 'foundry', '2026-11-30', 'retired'],
  ['claude-opus-4-0', 'bedrock', '2026-11-22', 'retired'],
  ['claude-opus-4-0', 'bedrock', '2026-05-30', 'deprecated'],
  ['claude-opus-4-0', 'bedrock', '2026-05-31', 'retired'],
  ['claude-sonnet-4-0', 'bedrock', '2026-04-13', 'active'],
  ['claude-sonnet-4-0', 'bedrock', '2026-04-14', 'deprecated'],
  ['claude-sonnet-4-0', 'bedrock', '2026-10-13', 'deprecated'],
  ['claude-sonnet-4-0', 'bedrock', '2026-10-14', 'retired'],
  ['claude-3-7-sonnet-latest', 'bedrock', '2026-04-27', 'deprecated'],
  ['claude-3-7-sonnet-latest', 'bedrock', '2026-04-28', 'retired'],
  ['claude-3-5-sonnet-20241022', 'bedrock', '2026-07-29', 'deprecated'],
  ['claude-3-5-sonnet-20241022', 'bedrock', '2026-07-30', 'retired'],
  ['claude-3-5-sonnet-20240620', 'bedrock', '2026-07-30', 'retired'],
  ['claude-3-5-haiku-latest', 'bedrock', '2025-12-18', 'active'],
  ['claude-3-5-haiku-latest', 'bedrock', '2025-12-19', 'deprecated'],
  ['claude-3-5-haiku-latest', 'bedrock', '2026-06-18', 'deprecated'],
  ['claude-3-5-haiku-latest', 'bedrock', '2026-06-19', 'retired'],
  ['claude-3-5-haiku-latest', 'vertex', '2026-01-04', 'active'],
  ['claude-3-5-haiku-latest', 'vertex', '2026-01-05', 'deprecated'],
  ['claude-3-5-haiku-latest', 'vertex', '2026-07-05', 'retired'],
  ['claude-opus-4-0', 'vertex', '2026-11-22', 'active'],
  ['claude-sonnet-4-0', 'foundry', '2025-08-15', 'unknown'],
  ['claude-3-haiku-20240307', 'bedrock', '2026-03-09', 'active'],
  ['claude-3-haiku-20240307', 'bedrock', '2026-09-09', 'deprecated'],
  ['claude-3-haiku-20240307', 'bedrock', '2026-09-10', 'retired'],
  ['claude-3-haiku-20240307', 'vertex', '2026-04-20', 'unknown'],
  ['claude-sonnet-4-5', 'bedrock', '2026-11-22', 'deprecated'],
  ['claude-opus-5-5', 'bedrock', '2026-11-22', 'active'],
  ['claude-opus-5-5', 'bedrock', '2026-09-21', 'unreleased'],
] as const)('%s on %s on %s is %s', (name, platform, asOf, status) => {
  expect(getLifecycle(modelNamed(name), platform, asOf).status).toBe(status)
})

test('has the note besides the dates', () => {
  expect(getLifecycle(modelNamed('claude-opus-4-1'), 'vertex', '2026-11-22').note).toContain('October 2026')
})

test.each([
  ['2025-09-28', 'unreleased'],
  ['2025-09-29', 'active'],
  ['2026-09-29', 'active'],
  ['2026-09-30', 'deprecated'],
  ['2026-11-29', 'deprecated'],
  ['2026-11-30', 'retired'],
])('Sonnet 4.5 on %s is %s', (asOf, status) => {
  const isKnown = status === 'deprecated' || status === 'retired'

  expect(getLifecycle(modelNamed('claude-sonnet-4-5'), 'anthropic', asOf)).toMatchObject({
    status,
    replacement: isKnown ? 'claude-sonnet-5-5' : null,
  })
})

test('rejects a model before its release in mode enforce', () => {
  const facts = [{}, modelNamed('claude-opus-5-5')] as const

  expect(check(...facts, { asOf: '2025-08-15' })).toEqual([])
  expect(check(...facts, { asOf: '2025-08-15', lifecycle: 'warn' })).toMatchObject([
    { code: 'model_unreleased', severity: 'notice' },
  ])
  expect(check(...facts, { asOf: '2025-08-15', lifecycle: 'enforce' })).toMatchObject([
    { code: 'model_unreleased', status: 404, message: 'model: claude-opus-5-5' },
  ])
})
