import { expect, test } from 'vitest'

import { temporaryFolder } from '../running-gateway.ts'
import { createBody, startWithBudgets } from './budget-calls.ts'

const hourMs = 3_600_000

/** Calls of 0.000517 USD at most, which is the half of the budget. */
const budgets = { budgets: [{ scope: 'organization', limit: '0.0011', window: 'total' }] } as const
const body = createBody({ max_tokens: 100 })

test('a budget holds after the clock was set back to before it was created', async () => {
  let shiftMs = 0
  const gateway = await startWithBudgets({ budgets, nowMs: () => Date.now() + shiftMs })
  const before = await gateway.post(body)

  shiftMs = -hourMs
  const after = await callUntilRefused(gateway)

  expect(before.status).toBe(200)
  expect(after).toBeLessThanOrEqual(1)
})

test('a server that starts after the clock was set back counts what was spent before', async () => {
  const dataFolder = temporaryFolder()
  const ahead = await startWithBudgets({ dataFolder, budgets, nowMs: () => Date.now() + hourMs })
  const before = await callUntilRefused(ahead)
  await ahead.close()

  const started = await startWithBudgets({ dataFolder, budgets })
  const after = await callUntilRefused(started)

  expect(before).toBeGreaterThan(0)
  expect(after).toBe(0)
})

async function callUntilRefused(gateway: Awaited<ReturnType<typeof startWithBudgets>>): Promise<number> {
  for (let calls = 0; calls < 10; calls += 1) {
    const { status, text } = await gateway.post(body)
    if (status === 429) return calls
    if (status !== 200) throw new Error(text)
  }
  return 10
}
