import { expect, test } from 'vitest'
import type { RequestFacts } from '../../../src/index.ts'
import { listTexts } from '../../request.ts'

test('accepts temperature or top_p on Opus 4.1, not both', () => {
  expect(listTexts({ temperature: 0.5, top_p: 0.9 }, 'claude-opus-4-1')).toEqual([
    '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  ])
  expect(listTexts({ temperature: 0.5 }, 'claude-opus-4-1')).toEqual([])
  expect(listTexts({ top_p: 0.9, top_k: 3 }, 'claude-opus-4-1')).toEqual([])
})

test.each(['claude-opus-4-0', 'claude-sonnet-4-0', 'claude-3-7-sonnet-latest', 'claude-3-haiku-20240307'])(
  'accepts both on %s',
  (name) => {
    expect(listTexts({ temperature: 0.5, top_p: 0.9 }, name)).toEqual([])
  },
)

test('rejects every sampling parameter in API version 2026-10-21, even with its default', () => {
  const facts = { temperature: 1, top_p: 0.99, top_k: 0, api_version: '2026-10-21' }

  expect(listTexts(facts, 'claude-opus-4-1')).toEqual([
    'temperature: Extra inputs are not permitted',
    'top_p: Extra inputs are not permitted',
    'top_k: Extra inputs are not permitted',
  ])
  expect(listTexts({ ...facts, api_version: '2023-06-01' }, 'claude-opus-4-0')).toEqual([])
  expect(listTexts({ api_version: '2026-10-21' }, 'claude-opus-4-1')).toEqual([])
})

const asOf = '2026-11-22'

test.each([
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-5',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
])('accepts one of the two on %s', (name) => {
  expect(listTexts({ temperature: 0.5, top_p: 0.9 }, name, { asOf })).toHaveLength(1)
  expect(listTexts({ temperature: 0.5, top_k: 3 }, name, { asOf })).toEqual([])
})

test.each(['claude-opus-4-7', 'claude-sonnet-5', 'claude-opus-5-5', 'claude-sonnet-5-5', 'claude-mythos-5'])(
  'accepts only the defaults on %s',
  (name) => {
    expect(listTexts({ temperature: 0.5, top_p: 0.9, top_k: 3 }, name, { asOf })).toEqual([
      '`temperature` is deprecated for this model.',
      '`top_p` is deprecated for this model.',
      '`top_k` is deprecated for this model.',
    ])
    expect(listTexts({ temperature: 1, top_p: 0.99 }, name, { asOf })).toEqual([])
  },
)

test('accepts the default of one sampling parameter on Haiku 5.5, and a top_p of 1 not at all', () => {
  const texts = (facts: RequestFacts) => listTexts(facts, 'claude-haiku-5-5', { asOf })

  expect(texts({ temperature: 1 })).toEqual([])
  expect(texts({ top_p: 0.99 })).toEqual([])
  expect(texts({ top_p: 1 })).toEqual(['`top_p` is deprecated for this model.'])
  expect(texts({ temperature: 0.5 })).toEqual(['`temperature` is deprecated for this model.'])
  expect(texts({ top_k: 3 })).toEqual(['`top_k` is deprecated for this model.'])
  expect(texts({ temperature: 1, top_p: 0.99 })).toEqual([
    '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  ])
})

test('accepts a top_p of 1 on the other models that accept defaults only', () => {
  expect(listTexts({ temperature: 1, top_p: 1 }, 'claude-opus-5-5', { asOf })).toEqual([])
})

test('reports only the removal of a parameter, also on models that accept the default', () => {
  expect(listTexts({ temperature: 0.5, api_version: '2026-10-21' }, 'claude-opus-5-5', { asOf })).toEqual([
    'temperature: Extra inputs are not permitted',
  ])
})
