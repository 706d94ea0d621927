import { getBedrockOutputWeight, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createQuotaBuckets } from '../../src/routing/quota-buckets.ts'

const opus = getModel('claude-opus-5')
const day = '2026-11-29'

test('reserves prompt and max_tokens, and settles to input, cache writes and weighted output', () => {
  const { buckets, used } = createClocked({ '*': 100_000 })

  const call = buckets.reserve('aws', opus, { tokens: 10_000, day })
  const other = buckets.reserve('aws', opus, { tokens: 5_000, day })
  expect(used()).toBe(15_000)
  call?.settle(
    {
      input_tokens: 100,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 9_000,
      output_tokens: 300,
    },
    'answered',
  )
  expect(used()).toBe(5_000 + 100 + 20 + 300 * 10)
  other?.settle(null, 'upstream_error')
  expect(used()).toBe(3_120)
})

test('keeps the reservation of a call whose usage nobody knows', () => {
  const { buckets, used } = createClocked({})

  buckets.reserve('aws', opus, { tokens: 7_000, day })?.settle(null, 'upstream_aborted')

  expect(used()).toBe(7_000)
})

test('has no room for a call that exceeds the rest of the minute, until enough has left the window', () => {
  const { buckets, pass } = createClocked({ 'claude-opus-5': 10_000 })
  const wait = (tokens: number) => buckets.getWaitMs('aws', opus.id, () => tokens)

  buckets.reserve('aws', opus, { tokens: 8_000, day })
  expect(wait(2_000)).toBe(0)
  expect(wait(2_001)).toBeGreaterThan(59_000)
  // More than the whole quota: Bedrock decides, once nothing else counts.
  expect(wait(50_000)).toBeGreaterThan(59_000)
  pass(61_000)
  expect([wait(10_000), wait(50_000)]).toEqual([0, 0])
})

test('each process has its share of a limit, and reports the whole one', () => {
  const { buckets } = createClocked({ '*': 10_000 }, 2)

  expect(buckets.getWaitMs('aws', opus.id, () => 5_000)).toBe(0)
  buckets.reserve('aws', opus, { tokens: 1, day })
  expect(buckets.getWaitMs('aws', opus.id, () => 5_000)).toBeGreaterThan(0)
  expect(buckets.list()).toEqual([{ upstream: 'aws', model: opus.id, usedTokens: 1, limitTokens: 10_000 }])
})

test('counts no quota of a model without a limit against it, and none at other platforms', () => {
  const { buckets } = createClocked({ 'claude-haiku-4-5-20251001': 1 })
  const fail = () => {
    throw new Error('an estimate is not needed')
  }

  buckets.reserve('aws', opus, { tokens: 1_000_000, day })

  expect(buckets.getWaitMs('aws', opus.id, fail)).toBe(0)
  expect(buckets.list()).toMatchObject([{ usedTokens: 1_000_000, limitTokens: null }])
  expect(buckets.reserve('claude', opus, { tokens: 1, day })).toBe(null)
  expect(buckets.getWaitMs('claude', opus.id, fail)).toBe(0)
})

function createClocked(limits: Readonly<Record<string, number>>, processes = 1) {
  let now = 1_000_000
  const quota = { getOutputWeight: getBedrockOutputWeight, limits: new Map(Object.entries(limits)) }
  const accounts = [{ name: 'aws', quota }, { name: 'claude' }]
  const buckets = createQuotaBuckets(accounts, { nowMs: () => now, processes })
  return { buckets, used: () => buckets.list()[0]?.usedTokens, pass: (ms: number) => (now += ms) }
}

function getModel(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}
