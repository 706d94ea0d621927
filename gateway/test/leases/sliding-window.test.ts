import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { SlidingWindow } from '../../src/leases/sliding-window.ts'

const windowMs = 60_000

test('gives all of the limit at once, and then nothing until a window has passed', () => {
  const window = new SlidingWindow(50, { windowMs })
  window.add(50, 10_000)

  expect(window.room(10_000)).toBe(0)
  expect(window.room(70_000)).toBe(0)
  // An upstream may see the next call sooner after it was let in than it saw this one.
  expect(window.room(70_500)).toBe(0)
  expect(window.room(70_750)).toBe(50)
})

test('tells how long to wait for so much', () => {
  const window = new SlidingWindow(50, { windowMs })
  window.add(30, 0)
  window.add(20, 30_000)

  expect(window.waitMs(10, 40_000)).toBe(20_750)
  expect(window.waitMs(40, 40_000)).toBe(50_750)
  expect(window.waitMs(1_000, 40_000)).toBe(50_750)
  expect(window.resetInMs(40_000)).toBe(50_750)
  expect(window.waitMs(10, 60_750)).toBe(0)
})

test('counts a correction in the slot that was held, as long as the window knows it', () => {
  const window = new SlidingWindow(100, { windowMs })
  const early = window.add(80, 0)
  window.add(10, 30_000)
  window.correct(early, -60, 31_000)
  const late = window.add(20, 32_000)
  window.correct(late, 70, 33_000)

  expect(window.room(33_000)).toBe(-20)
  expect(window.room(60_750)).toBe(0)
  expect(window.room(92_750)).toBe(100)
})

test('counts from now on what a call beyond a window used above its hold', () => {
  const window = new SlidingWindow(100, { windowMs })
  const slot = window.add(10, 0)
  window.correct(slot, 50, 120_000)
  const other = window.add(10, 120_000)

  expect(window.room(121_000)).toBe(40)
  window.correct(other, -10, 200_000)
  expect(window.room(200_000)).toBe(100)
})

test('keeps what is held until it is counted, and counts it from then on', () => {
  const window = new SlidingWindow(50, { windowMs })
  window.add(20, 0)
  window.hold(30)

  expect(window.room(10_000)).toBe(0)
  expect(window.waitMs(10, 10_000)).toBe(50_750)
  expect(window.waitMs(30, 10_000)).toBe(60_750)
  expect(window.resetInMs(10_000)).toBe(60_750)
  expect(window.room(90_000)).toBe(20)

  window.count(25, 90_000)
  window.drop(5)
  expect(window.room(150_500)).toBe(25)
  expect(window.room(150_750)).toBe(50)
})

test('stands still while the clock is set back', () => {
  const window = new SlidingWindow(10, { windowMs })
  window.add(10, 100_000)

  expect(window.room(20_000)).toBe(0)
  expect(window.room(100_000)).toBe(0)
  expect(window.room(160_750)).toBe(10)
})

test('never lets more than the limit into any minute, and gives as soon as it says', () => {
  const steps = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 9_000 }), amount: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 1, maxLength: 300 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 60 }), steps, (limit, wanted) => {
      const window = new SlidingWindow(limit, { windowMs })
      const taken: { atMs: number; amount: number }[] = []
      let nowMs = 0
      for (const { afterMs, amount } of wanted) {
        nowMs += afterMs
        const room = window.room(nowMs)
        const wait = window.waitMs(amount, nowMs)
        expect(wait > 0).toBe(room < amount)
        if (room < amount) {
          expect(window.room(nowMs + wait - 1e-6)).toBeLessThan(amount)
          nowMs += wait
        }
        expect(window.room(nowMs)).toBeGreaterThanOrEqual(amount)
        window.add(amount, nowMs)
        taken.push({ atMs: nowMs, amount })
      }

      for (const last of taken) {
        const within = taken.filter(({ atMs }) => atMs <= last.atMs && atMs >= last.atMs - windowMs)
        expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit)
      }
    }),
    { numRuns: 200 },
  )
})

test('uses 98 % of the limit of every minute in which all is asked for', () => {
  const window = new SlidingWindow(997, { windowMs })
  const perMinute: number[] = []
  for (let minute = 0; minute < 10; minute += 1) {
    let taken = 0
    for (let nowMs = minute * windowMs; nowMs < (minute + 1) * windowMs; nowMs += 7) {
      for (; window.room(nowMs) >= 1; taken += 1) window.add(1, nowMs)
    }
    perMinute.push(taken)
  }

  expect(perMinute.reduce((sum, taken) => sum + taken) / (10 * 997)).toBeGreaterThanOrEqual(0.98)
})
