import { models } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { BlockTags } from '../../src/ledger/block-tags.ts'
import { diagnoseCaches } from '../../src/ledger/cache-doctor.ts'
import type { CachedCall } from '../../src/ledger/cache-doctor.ts'

const minuteMs = 60_000

// Claude Sonnet 4.5: 3 USD per million tokens; 3.75 to write for 5 minutes, 6 for an hour, 0.30 to read.

test('a call that reads all that was cached is a hit, and costs nothing extra', () => {
  const { calls } = diagnose([
    { write5m: 10_000 },
    { atMs: minuteMs, read: 10_000, write5m: 500 },
    { atMs: 2 * minuteMs, read: 10_500, input: 20 },
  ])
  expect(calls.map(({ state, lost, extraNanoUsd }) => [state, lost, extraNanoUsd])).toEqual([
    ['first', 0, 0n],
    ['hit', 0, 0n],
    ['hit', 0, 0n],
  ])
})

test('a prefix that changed within its time costs the difference between writing and reading', () => {
  const { calls } = diagnose([{ write5m: 10_000 }, { atMs: minuteMs, read: 4_000, write5m: 7_000 }])
  // 6,000 tokens at 3.75 in place of 0.30 USD per million.
  expect(calls[1]).toMatchObject({ state: 'changed', lost: 6_000, extraNanoUsd: 20_700_000n })
})

test('after its time a prefix has expired; one that was written for an hour has not', () => {
  const pause = 10 * minuteMs
  const short = diagnose([{ write5m: 10_000 }, { atMs: pause, write5m: 10_000 }])
  const long = diagnose([{ write1h: 10_000 }, { atMs: pause, write1h: 10_000 }])
  expect(short.calls[1]).toMatchObject({ state: 'expired', lost: 10_000 })
  expect(long.calls[1]).toMatchObject({ state: 'changed', lost: 10_000 })
})

test('with pauses between 5 minutes and an hour the longer time is cheaper, without pauses the shorter', () => {
  const pause = 10 * minuteMs
  const paused = diagnose([0, 1, 2, 3].map((at) => ({ atMs: at * pause, write5m: 10_000 })))
  const busy = diagnose([
    { write5m: 10_000 },
    ...[1, 2, 3].map((at) => ({ atMs: at * minuteMs, read: 10_000 })),
  ])
  // Four writes for 5 minutes; one for an hour and three reads.
  expect(paused.costs).toEqual({
    actualNanoUsd: 150_000_000n,
    fiveMinutesNanoUsd: 150_000_000n,
    oneHourNanoUsd: 69_000_000n,
  })
  expect(busy.costs).toEqual({
    actualNanoUsd: 46_500_000n,
    fiveMinutesNanoUsd: 46_500_000n,
    oneHourNanoUsd: 69_000_000n,
  })
})

test('agents, models and upstreams have caches of their own, and a call without a cache breaks none', () => {
  const { calls } = diagnose([
    { write5m: 10_000 },
    { agentId: 'a', write5m: 3_000 },
    { upstream: 'other', write5m: 10_000 },
    { atMs: minuteMs, input: 50 },
    { atMs: 2 * minuteMs, read: 10_000 },
  ])
  expect(calls.map(({ state }) => state)).toEqual(['first', 'first', 'first', 'uncached', 'hit'])
})

test('without a price the findings stay and the amounts are unknown', () => {
  const { calls, costs } = diagnoseCaches(
    [{ write5m: 10_000 }, { atMs: 1, write5m: 10_000 }].map((step) =>
      createCall({ ...step, unitPrices: noPrices }),
    ),
  )
  expect(calls[1]).toMatchObject({ state: 'changed', lost: 10_000, extraNanoUsd: null })
  expect(costs.actualNanoUsd).toBeNull()
})

test('the price of a token that a call did not have is in proportion to those that it had', () => {
  // A premium of 10 %: 4.125 USD per million tokens to write, so 0.33 to read.
  const unitPrices = { ...noPrices, write5m: 4_125_000n }
  const { calls } = diagnose([
    { write5m: 10_000, unitPrices },
    { atMs: minuteMs, write5m: 10_000, unitPrices },
  ])
  expect(calls[1]?.extraNanoUsd).toBe(37_950_000n)
})

test('the difference is named where tokens were lost, and not for a hit', () => {
  const blocks = createTags('AAAABBBB')
  const changed = createTags('AAAACCCC')
  const { calls } = diagnose([
    { write5m: 10_000, blocks },
    { atMs: minuteMs, read: 10_000, blocks },
    { atMs: 2 * minuteMs, write5m: 10_000, blocks: changed },
    { atMs: 3 * minuteMs, write5m: 10_000, blocks: changed },
    { atMs: 4 * minuteMs, write5m: 10_000, blocks: null },
  ])
  expect(calls.map(({ change }) => change)).toEqual([
    'unknown',
    'unknown',
    { part: 'tools', from: 2, to: 2, block: null, kind: 'changed' },
    'same',
    'unknown',
  ])
})

test('a prompt that is known to have changed after an expiry is not read in a longer time to live', () => {
  const pause = 10 * minuteMs
  const steps = (last: string) => [
    { write5m: 10_000, blocks: createTags('AAAA') },
    { atMs: pause, write5m: 10_000, blocks: createTags(last) },
  ]
  // Two writes for an hour; one and a read.
  expect(diagnose(steps('BBBB')).costs.oneHourNanoUsd).toBe(120_000_000n)
  expect(diagnose(steps('AAAA')).costs.oneHourNanoUsd).toBe(63_000_000n)
})

test('pauses are counted by the time to live that survives them', () => {
  const { pauses } = diagnose([0, 1, 2, 20, 90, 300].map((at) => ({ atMs: at * minuteMs, write5m: 10_000 })))
  expect(pauses).toEqual({ fiveMinutes: 2, oneHour: 1, longer: 2 })
})

/** The tags of a request that has only tools, with its breakpoint at the last. */
function createTags(tags: string): BlockTags {
  const empty = { level: 1, count: 0, tags: '' }
  const count = tags.length / 4
  return {
    key: 'KKKK',
    tools: { level: 1, count, tags },
    system: empty,
    messages: { ...empty, level: 0 },
    settings: 'SSSSSSSS',
    breakpoints: [`t${count}`],
  }
}

test('a loss never costs less than nothing, and calls of one lifetime cost what the simulation says', () => {
  const call = fc.record({
    pauseMs: fc.integer({ min: 0, max: 4 * minuteMs }),
    input: fc.nat(5_000),
    read: fc.nat(50_000),
    write5m: fc.nat(50_000),
  })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 12 }), (steps) => {
      let atMs = 0
      const { calls, costs } = diagnose(steps.map((step) => ({ ...step, atMs: (atMs += step.pauseMs) })))
      for (const { extraNanoUsd } of calls) expect(extraNanoUsd).toBeGreaterThanOrEqual(0n)
      // A call that cached nothing in between may make the pause longer than the lifetime.
      if (steps.every(({ read, write5m }) => read + write5m > 0))
        expect(costs.fiveMinutesNanoUsd).toBe(costs.actualNanoUsd)
    }),
  )
})

const noPrices = { input: null, write5m: null, write1h: null, read: null }

interface Step extends Partial<Omit<CachedCall, 'startedAtMs'>> {
  readonly atMs?: number
}

function diagnose(steps: readonly Step[]) {
  return diagnoseCaches(steps.map(createCall))
}

function createCall({ atMs = 0, ...rest }: Step): CachedCall {
  const model = models.find(({ id }) => id === 'claude-sonnet-4-5-20250929')
  if (model === undefined) throw new Error('the catalog has no Claude Sonnet 4.5')
  return {
    id: `req_${atMs}`,
    startedAtMs: Date.UTC(2026, 5, 1) + atMs,
    agentId: null,
    model,
    upstream: 'claude',
    platform: 'anthropic',
    input: 0,
    write5m: 0,
    write1h: 0,
    read: 0,
    unitPrices: { input: 3_000_000n, write5m: 3_750_000n, write1h: 6_000_000n, read: 300_000n },
    blocks: null,
    ...rest,
  }
}
