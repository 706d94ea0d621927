import type { RateLimits } from '../../src/leases/allowance.ts'
import { createRates } from '../../src/rates/rates.ts'
import type { RatePermit } from '../../src/rates/rates.ts'
import { key, model } from '../leases/lease-workers.ts'

export const haiku = model('claude-haiku-4-5')
export const estimate = { inputTokens: 1_000, maxTokens: 500 }

/** A key's rates in one process, with a clock that the test sets. `take` also starts the call. */
export function start(limits: RateLimits | null) {
  const clock = { nowMs: 0 }
  const wallMs = () => Date.UTC(2026, 10, 22, 10) + clock.nowMs
  const rates = createRates({ getLimits: () => limits, nowMs: () => clock.nowMs, wallMs })
  const take = (asked: typeof estimate | { inputTokens: number; maxTokens: null }): RatePermit => {
    const taken = rates.take(key, haiku, asked)
    if (taken instanceof Promise || !taken.ok) throw new Error('it was refused')
    taken.start()
    return taken
  }
  return { rates, take, clock }
}

export function ok(taken: ReturnType<ReturnType<typeof createRates>['take']>): boolean {
  return !(taken instanceof Promise) && taken.ok
}
