import { setTimeout } from 'node:timers/promises'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createRetryBudget } from '../../src/routing/retry-budget.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { callBody, errorBody, message } from '../samples.ts'

const calls = 20

test('in any second there are at most three retries, or a fifth of the running calls', () => {
  const step = fc.record({ passedMs: fc.nat({ max: 700 }), running: fc.nat({ max: 60 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let [nowMs, running] = [0, 0]
      const budget = createRetryBudget(
        () => running,
        () => nowMs,
      )
      const granted: number[] = []
      for (const each of steps) {
        nowMs += each.passedMs
        running = each.running
        const before = granted.filter((atMs) => nowMs - atMs < 1_000).length
        const isGranted = budget.enter()
        expect(isGranted).toBe(before < Math.max(3, running / 5))
        if (isGranted) granted.push(nowMs)
      }
    }),
  )
})

test('retries do not multiply an outage of the only upstream, and are there again a second later', async () => {
  const error = plain(errorBody('overloaded_error', 'Overloaded'), { status: 529 })
  const upstream = await startUpstream(error)
  const gateway = await startGateway({ accounts: [httpAccount(upstream.url)] })
  const startedMs = performance.now()

  for (let call = 0; call < calls; call += 1) expect((await gateway.post(callBody)).status).toBe(529)
  const retries = upstream.requests.length - calls
  const seconds = Math.ceil((performance.now() - startedMs) / 1_000)
  await setTimeout(1_000)
  const before = upstream.requests.length
  upstream.answer((response, request) => {
    const isFirst = upstream.requests.length === before + 1
    return (isFirst ? error : plain(message))(response, request)
  })
  const later = await gateway.post(callBody)

  expect(retries).toBeGreaterThanOrEqual(3)
  expect(retries).toBeLessThanOrEqual(3 * seconds)
  expect([later.status, later.headers['x-anthology-attempts']]).toEqual([200, '2'])
})
