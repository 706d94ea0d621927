import { expect, test } from 'vitest'

import { createExchange } from '../../exchange.ts'
import { maxPerRead, advanceBatch } from '../../../src/api/batches/batch-progress.ts'
import { finishSteps } from '../../../src/steps.ts'
import type { StoredBatch } from '../../../src/api/batches/batch-store.ts'

test('a huge batch runs over several reads, each request once and in order', () => {
  const batch = getBatch(maxPerRead + 3)
  const done: string[] = []
  const pace = {
    nowMs: 1,
    durationMs: 0,
    run: ({ custom_id }: { readonly custom_id: string }) => {
      done.push(custom_id)
      return { kind: 'succeeded', line: custom_id } as const
    },
  }

  finishSteps(advanceBatch(batch, pace))
  expect([done.length, batch.endedMs]).toEqual([maxPerRead, null])

  finishSteps(advanceBatch(batch, pace))
  finishSteps(advanceBatch(batch, pace))
  expect(batch.endedMs).toBe(0)
  expect(done).toEqual(batch.outcomes.map(({ line }) => line))
  expect(done.at(-1)).toBe(`r${maxPerRead + 2}`)
  expect(batch.heldBytes).toBe(done.join('').length)
})

test('a clock that is set back changes nothing', () => {
  const batch = getBatch(10)
  const run = () => ({ kind: 'succeeded', line: '' }) as const

  finishSteps(advanceBatch(batch, { nowMs: -10, durationMs: 100, run }))
  finishSteps(advanceBatch(batch, { nowMs: 50, durationMs: 100, run }))
  finishSteps(advanceBatch(batch, { nowMs: 0, durationMs: 100, run }))

  expect(batch.outcomes).toHaveLength(5)
  expect(batch.ran).toBe(5)
})

function getBatch(total: number): StoredBatch {
  return {
    id: 'msgbatch_1',
    createdMs: 0,
    call: {
      request: { method: 'POST', path: '/v1/messages/batches', headers: {}, body: null },
      apiVersion: '2023-06-01',
      key: null,
      query: new URLSearchParams(),
      name: '',
      head: { requestId: 'req_1', organizationId: 'o', notices: [], exchange: createExchange() },
    },
    total,
    requests: Array.from({ length: total }, (_, i) => ({ custom_id: `r${i}`, params: {} })),
    ran: 0,
    outcomes: [],
    heldBytes: 0,
    cancelInitiatedMs: null,
    endedMs: null,
  }
}
