import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Budget } from '../../src/api/budgets.ts'
import { printNanoUsd } from '../../src/parts/format.ts'
import { burnDown } from '../../src/pages/budgets/burn-down.ts'
import { forecastBudget } from '../../src/pages/budgets/forecast.ts'

const [startMs, endMs] = [Date.parse('2026-11-01T00:00:00Z'), Date.parse('2026-12-01T00:00:00Z')]
const middleMs = (startMs + endMs) / 2

function createBudget(changes: Partial<Budget>): Budget {
  return {
    id: 'budget_1',
    scope: 'organization',
    models: null,
    limit: '10',
    window: 'month',
    timezone: 'UTC',
    rolling: false,
    action: 'block',
    thresholds: [],
    raise: null,
    spent: '0',
    held: '0',
    left: '10',
    resets_at: new Date(endMs).toISOString(),
    window_start: new Date(startMs).toISOString(),
    source: 'api',
    ...changes,
  }
}

test('half of the window with less than half of the money lasts, with more it does not', () => {
  const forecast = (spent: string, changes: Partial<Budget> = {}) =>
    forecastBudget(createBudget({ spent, ...changes }), middleMs)

  expect(forecast('4.9')).toEqual({ kind: 'lasts' })
  expect(forecast('8')).toEqual({ kind: 'reached', atMs: middleMs + (middleMs - startMs) / 4 })
  expect(forecast('10')).toEqual({ kind: 'spent' })
  expect(forecast('0')).toEqual({ kind: 'none' })
  expect(forecast('4', { window_start: null })).toEqual({ kind: 'none' })
})

test('a raise counts until its end', () => {
  const raise = { to: '100', until: new Date(middleMs + 1).toISOString() }
  const budget = createBudget({ spent: '10', raise })

  expect(forecastBudget(budget, middleMs)).toEqual({ kind: 'lasts' })
  expect(forecastBudget(budget, middleMs + 1)).toEqual({ kind: 'spent' })
})

test('a burn-down ends at the limit less all costs, and its forecast where the forecast of the budget ends', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500_000_000 }), { minLength: 1, maxLength: 15 }), (costs) => {
      const data = costs.map((cost, day) => ({
        time: `2026-11-${String(day + 1).padStart(2, '0')}`,
        cost_usd: printNanoUsd(BigInt(cost)),
      }))
      const spent = costs.reduce((sum, cost) => sum + BigInt(cost), 0n)
      const budget = createBudget({ spent: printNanoUsd(spent) })
      const chart = burnDown(
        budget,
        { since: new Date(startMs).toISOString(), until: new Date(endMs).toISOString(), unit: 'day', data },
        middleMs,
      )
      const forecast = forecastBudget(budget, middleMs)

      expect(chart.steps.at(-1)?.leftNanoUsd).toBe(10_000_000_000n - spent)
      if (forecast.kind === 'reached') expect(chart.forecast.at(-1)?.atMs).toBeCloseTo(forecast.atMs, -1)
      if (forecast.kind === 'lasts') expect(chart.forecast.at(-1)?.atMs).toBe(endMs)
    }),
  )
})
