import { expect, test } from 'vitest'

import { BudgetHold } from '../../src/budgets/budget-hold.ts'
import { BudgetWindow } from '../../src/budgets/budget-window.ts'
import type { Budget } from '../../src/budgets/budget.ts'
import { createCallMoney } from '../../src/calls/call-money.ts'

const budget: Budget = {
  id: 'budget_1',
  revision: 1,
  source: 'api',
  scope: 'organization',
  models: null,
  limitNanoUsd: 1_000,
  window: 'total',
  timezone: 'UTC',
  rolling: false,
  action: 'block',
  thresholds: [],
  raise: null,
  activeFromMs: 0,
}

test.each(['settle', 'release'] as const)(
  'an extension that is granted after %s is given back, and does not write the call as a running one',
  async (end) => {
    const pool = new BudgetWindow({ getLimit: () => budget.limitNanoUsd, rolling: null })
    const granted = Promise.withResolvers<null>()
    const hold = new BudgetHold([{ budget, opened: { name: 'window', pool, slot: 0 }, held: 0 }], {
      take: (part, amount) => {
        const isFirst = part.held === 0
        part.opened.pool.hold(amount)
        return isFirst ? null : granted.promise
      },
      onRefused: () => {},
    })
    await hold.grow(100)
    const written: number[] = []
    const money = createCallMoney({
      hold,
      bound: { promptNanoUsd: 0, outputPicoUsd: 1_000, maxOutputTokens: 1_000 },
      heldTokens: 100,
      sliceNanoUsd: 100,
      describeRefusal: () => null,
      getHeaders: () => ({}),
    })
    money.whenExtended((held) => written.push(held))

    const extended = money.extendTo(150)
    if (end === 'settle') money.settle('model', 30)
    else money.release()
    granted.resolve(null)
    await extended

    expect(written).toEqual([])
    expect([pool.held, pool.used(0)]).toEqual([0, end === 'settle' ? 30 : 0])
  },
)
