import { expect, test } from 'vitest'

import { createBody, startWithBudgets, sumRows } from './budget-calls.ts'

test('calls are refused once the budget of the organization is spent, and the error names it', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: '0.001', window: 'day' }] },
  })

  const statuses: number[] = []
  let refused = ''
  for (let call = 0; call < 30; call += 1) {
    const answer = await gateway.post(createBody())
    statuses.push(answer.status)
    if (answer.status === 429) refused = answer.text
  }

  expect(statuses[0]).toBe(200)
  expect(statuses.at(-1)).toBe(429)
  expect(JSON.parse(refused)).toMatchObject({
    type: 'error',
    error: {
      type: 'billing_error',
      message: expect.stringMatching(
        /budget of organization: limit 0\.001 USD per day \(UTC\), spent 0\.000\d+ USD.* It resets at \d{4}-\d{2}-\d{2}T00:00:00Z\./,
      ),
    },
  })
  expect(sumRows(gateway)).toBeLessThanOrEqual(1_000_000)
  expect(sumRows(gateway)).toBeGreaterThan(300_000)
})

test('the error of a call that may cost more than the whole budget says how it fits', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: '0.001', window: 'day' }] },
  })

  const refused = await gateway.post(createBody({ max_tokens: 4_000 }))
  const fits = await gateway.post(createBody({ max_tokens: 4_000, stream: true }))

  expect(refused.text).toMatch(
    /spent 0\.00 USD, needed 0\.02\d+ USD\. It resets at \S+ The call may cost more than the whole budget: lower max_tokens/,
  )
  expect([refused.status, fits.status]).toEqual([429, 200])
})
