import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RateLimits } from '../../src/leases/allowance.ts'
import type { RatePermit } from '../../src/rates/rates.ts'
import { key } from '../leases/lease-workers.ts'
import { estimate, haiku, start } from './limited-key.ts'

test('counts across the end of a minute, and never admits twice the limit around it', () => {
  const { rates, clock } = start({ requests: 100 })
  const admittedAtMs: number[] = []
  // A minute of rest, then a burst: a token bucket would admit 200 within a minute.
  for (clock.nowMs = 0; clock.nowMs < 180_000; clock.nowMs += 50) {
    if (clock.nowMs <= 60_000) continue
    const taken = rates.take(key, haiku, estimate)
    if (taken instanceof Promise || !taken.ok) continue
    taken.start()
    admittedAtMs.push(clock.nowMs)
  }

  const within = (last: number) => admittedAtMs.filter((at) => at <= last && at >= last - 60_000).length
  expect(Math.max(...admittedAtMs.map(within))).toBe(100)
  expect(admittedAtMs).toHaveLength(200)
})

test('no order of starts and ends exceeds the limits in any minute, and constant demand uses 98 % of them', () => {
  const limits = { requests: 4_000, input_tokens: 60_000, output_tokens: 30_000 }
  const demand = fc.array(
    fc.record({
      input: fc.integer({ min: 1, max: 100 }),
      // So small that a response never exceeds its hold.
      output: fc.integer({ min: 1, max: 60 }),
      forMs: fc.nat(5_000),
    }),
    { minLength: 20, maxLength: 60 },
  )
  fc.assert(
    fc.property(demand, (calls) => {
      const taken = saturate(calls, limits)

      const amounts = [
        taken.map(({ atMs }) => ({ atMs, amount: 1 })),
        taken.map(({ atMs, input }) => ({ atMs, amount: input })),
        taken.map(({ atMs, output }) => ({ atMs, amount: output })),
      ]
      const most = amounts.map(busiestMinute)
      const shares = amounts.map((all, kind) => sum(all) / minutes / (Object.values(limits)[kind] ?? 1))
      expect(most[0]).toBeLessThanOrEqual(limits.requests)
      expect(most[1]).toBeLessThanOrEqual(limits.input_tokens)
      expect(most[2]).toBeLessThanOrEqual(limits.output_tokens)
      expect(Math.max(...shares)).toBeGreaterThanOrEqual(0.98)
    }),
    { numRuns: 10 },
  )
})

const minutes = 3

interface Demanded {
  readonly input: number
  readonly output: number
  readonly forMs: number
}

/** Takes all available capacity for some minutes, with calls that end out of order. */
function saturate(calls: readonly Demanded[], limits: RateLimits) {
  const { rates, clock } = start(limits)
  const taken: { atMs: number; input: number; output: number }[] = []
  let running: (Demanded & { readonly endMs: number; readonly permit: RatePermit })[] = []
  for (let asked = 0; clock.nowMs < minutes * 60_000; clock.nowMs += 50) {
    for (const { endMs, permit, input, output } of running)
      if (endMs <= clock.nowMs) permit.settle({ input_tokens: input, output_tokens: output }, 'answered')
    running = running.filter(({ endMs }) => endMs > clock.nowMs)
    for (;;) {
      const call = calls[asked % calls.length]
      if (call === undefined) break
      const permit = rates.take(key, haiku, { inputTokens: call.input, maxTokens: call.output })
      if (permit instanceof Promise || !permit.ok) break
      asked += 1
      permit.start()
      taken.push({ atMs: clock.nowMs, ...call })
      running.push({ ...call, permit, endMs: clock.nowMs + call.forMs })
    }
  }
  return taken
}

interface Amount {
  readonly atMs: number
  readonly amount: number
}

/** The maximum sum in any minute of amounts that are sorted by time. */
function busiestMinute(amounts: readonly Amount[]): number {
  let [oldest, within, most] = [0, 0, 0]
  for (const { atMs, amount } of amounts) {
    within += amount
    for (let first = amounts[oldest]; first && first.atMs < atMs - 60_000; first = amounts[oldest]) {
      within -= first.amount
      oldest += 1
    }
    most = Math.max(most, within)
  }
  return most
}

function sum(amounts: readonly Amount[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0)
}
