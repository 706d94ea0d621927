import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTokenBucket } from '../../src/capacity/token-bucket.ts'

test('a bucket starts full and refills continuously, in one minute', () => {
  const bucket = createTokenBucket(60)

  bucket.take(60, 0)

  expect(bucket.available(0)).toBe(0)
  expect(bucket.available(1_000)).toBe(1)
  expect(bucket.available(30_000)).toBe(30)
  expect(bucket.available(90_000)).toBe(60)
})

test('returns the time to wait, also with a negative balance', () => {
  const bucket = createTokenBucket(60)

  bucket.take(70, 0)

  expect(bucket.available(0)).toBe(-10)
  expect(bucket.waitMs(1, 0)).toBe(11_000)
  expect(bucket.waitMs(60, 0)).toBe(70_000)
})

test('an amount above the limit waits until the bucket is full', () => {
  const bucket = createTokenBucket(60)

  bucket.take(30, 0)

  expect(bucket.waitMs(1_000, 0)).toBe(30_000)
})

test('a clock that is set back neither fills nor empties the bucket', () => {
  const bucket = createTokenBucket(60)

  bucket.take(60, 100_000)

  expect(bucket.available(50_000)).toBe(0)
  expect(bucket.available(51_000)).toBe(1)
})

test('never holds more than its limit, and after the wait there is enough, but not a millisecond before', () => {
  const step = fc.record({
    passMs: fc.integer({ min: 0, max: 90_000 }),
    taken: fc.integer({ min: 0, max: 40_000 }),
    wanted: fc.integer({ min: 1, max: 40_000 }),
  })

  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30_000 }), fc.array(step), (limit, steps) => {
      const bucket = createTokenBucket(limit)
      let nowMs = 0
      for (const { passMs, taken, wanted } of steps) {
        nowMs += passMs
        expect(bucket.available(nowMs)).toBeLessThanOrEqual(limit)
        bucket.take(taken, nowMs)
        const amount = Math.min(wanted, limit)
        const waitMs = bucket.waitMs(amount, nowMs)
        if (waitMs > 0) expect(bucket.available(nowMs + waitMs - 1)).toBeLessThan(amount)
        nowMs += waitMs
        expect(bucket.available(nowMs)).toBeGreaterThanOrEqual(amount)
      }
    }),
  )
})
