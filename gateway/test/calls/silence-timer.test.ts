import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createSilenceTimer } from '../../src/calls/silence-timer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a stream that is never silent for the time gets no ping', () => {
  let pings = 0
  const timer = createSilenceTimer(100, () => (pings += 1))

  for (let sent = 0; sent < 50; sent += 1) {
    vi.advanceTimersByTime(99)
    timer.touch()
  }
  timer.stop()

  expect(pings).toBe(0)
})

test('a silent stream gets a ping exactly after the time since its last event, and again after each further one', () => {
  let pings = 0
  const timer = createSilenceTimer(100, () => (pings += 1))
  vi.advanceTimersByTime(60)
  timer.touch()

  const counts = [99, 1, 99, 1, 300].map((ms) => {
    vi.advanceTimersByTime(ms)
    return pings
  })
  timer.stop()

  expect(counts).toEqual([0, 1, 1, 2, 5])
})

test('a stream that is over gets no ping', () => {
  let pings = 0
  const timer = createSilenceTimer(100, () => (pings += 1))
  timer.stop()

  vi.advanceTimersByTime(1_000)

  expect(pings).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
