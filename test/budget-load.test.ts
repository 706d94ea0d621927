import { expect, test } from 'vitest'

import { runBudgetLoad } from './budget-load.ts'
import type { BudgetLoad } from './budget-load.ts'

const haiku = 'claude-haiku-4-5'
const keys: BudgetLoad['keys'] = [
  { limit: '0.01', model: haiku, promptLength: 20 },
  { limit: '0.25', model: haiku, promptLength: 2_000 },
  { limit: '100', model: 'claude-opus-4-1', promptLength: 60_000 },
]

// `node scripts/budget-load.ts` is the long version.
test.each([
  ['two workers on SQLite', { store: 'sqlite', organization: '1000', bursts: 2 }],
  ['three servers on PostgreSQL', { store: 'postgres', organization: '8', bursts: 1 }],
] as const)(
  '64 clients never spend more than a budget at %s, although processes are killed, and no call is refused that fits',
  async (_, options) => {
    const { budgets, kills, statuses } = await runBudgetLoad({
      ...options,
      keys: options.store === 'sqlite' ? keys.slice(0, 2) : keys,
      clients: 64,
      seed: 7,
    })

    expect(kills).toBeGreaterThan(0)
    expect(statuses['200']).toBeGreaterThan(50)
    for (const { scope, overshootNanoUsd, falseRejections } of budgets) {
      expect(overshootNanoUsd, scope).toBeLessThanOrEqual(0)
      expect(falseRejections, scope).toEqual([])
    }
    const [organization, ...own] = budgets
    for (const { scope, leftUsd, plainHoldUsd } of own)
      expect(Math.min(leftUsd, organization?.leftUsd ?? 0), scope).toBeLessThan(plainHoldUsd)
  },
)
