import { expect, test } from 'vitest'

import { createRateLimits } from '../../src/rates/rate-limits.ts'
import { createNameResolver } from '../../src/routing/name-resolver.ts'

const [local, ci] = [
  { id: 'local', name: 'local key', rates: null },
  { id: 'key_1', name: 'ci', rates: null },
]
const [opus, haiku] = ['claude-opus-4-1-20250805', 'claude-haiku-4-5-20251001']

test('has no limits without a configuration', () => {
  expect(createRateLimits()(local, opus)).toBeNull()
  expect(createRateLimits({ keys: { ci: { requests_per_minute: 1 } } })(local, opus)).toBeNull()
})

test('takes each figure from the most specific entry that has it', () => {
  const find = createRateLimits({
    default: { requests_per_minute: 100, input_tokens_per_minute: 1_000, output_tokens_per_minute: 500 },
    models: { 'claude-opus-4-1': { requests_per_minute: 10, output_tokens_per_minute: 50 } },
    keys: {
      ci: { requests_per_minute: 7, models: { 'claude-opus-4-1': { output_tokens_per_minute: 3 } } },
    },
  })

  expect(find(local, haiku)).toEqual({ requests: 100, input_tokens: 1_000, output_tokens: 500 })
  expect(find(local, opus)).toEqual({ requests: 10, input_tokens: 1_000, output_tokens: 50 })
  expect(find(ci, haiku)).toEqual({ requests: 7, input_tokens: 1_000, output_tokens: 500 })
  expect(find(ci, opus)).toEqual({ requests: 7, input_tokens: 1_000, output_tokens: 3 })
})

test('finds a key by its id, and prefers it to the name', () => {
  const find = createRateLimits({
    keys: { key_1: { requests_per_minute: 1 }, ci: { requests_per_minute: 2 } },
  })

  expect(find(ci, opus)).toEqual({ requests: 1 })
  expect(find({ id: 'key_2', name: 'ci', rates: null }, opus)).toEqual({ requests: 2 })
})

test('finds the model of an entry by an alias of the configuration', () => {
  const resolveModel = createNameResolver({ aliases: { 'our-best': opus } })
  const find = createRateLimits({ models: { 'our-best': { requests_per_minute: 1 } } }, resolveModel)

  expect(find(local, opus)).toEqual({ requests: 1 })
})

test('removes a limit with unlimited', () => {
  const find = createRateLimits({
    default: { requests_per_minute: 100, input_tokens_per_minute: 1_000 },
    keys: {
      'local key': { requests_per_minute: 'unlimited' },
      ci: { requests_per_minute: 'unlimited', input_tokens_per_minute: 'unlimited' },
    },
  })

  expect(find(local, opus)).toEqual({ input_tokens: 1_000 })
  expect(find(ci, opus)).toBeNull()
})

test('rejects an unknown model, and a model with two entries', () => {
  const entry = { requests_per_minute: 1 }

  expect(() => createRateLimits({ models: { 'claude-opus-4-9-x': entry } })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: "rates.models: there is no model 'claude-opus-4-9-x'",
    }),
  )
  expect(() =>
    createRateLimits({ keys: { ci: { models: { [opus]: entry, 'claude-opus-4-1': entry } } } }),
  ).toThrow("rates.keys.ci.models: 'claude-opus-4-1' is claude-opus-4-1-20250805, which has an entry already")
})
