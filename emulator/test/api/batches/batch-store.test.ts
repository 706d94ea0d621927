import { expect, test } from 'vitest'

import { createExchange } from '../../exchange.ts'
import { createBatchStore, maxStoreBytes, maxBatches } from '../../../src/api/batches/batch-store.ts'
import type { StoredBatch } from '../../../src/api/batches/batch-store.ts'
import { createIdGenerator } from '../../../src/ids.ts'

test('keeps the newest batches, up to a number', () => {
  const store = createBatchStore({ durationMs: 0 })
  for (let i = 0; i < maxBatches + 3; i += 1) store.add(batch(`b${i}`, 1))

  expect(store.list(null)).toHaveLength(maxBatches)
  expect(store.list(null)[0]?.id).toBe(`b${maxBatches + 2}`)
  expect(store.find('b2', null)).toBeNull()
})

test('keeps the newest batches, up to a size, and always the last one', () => {
  const store = createBatchStore({ durationMs: 0 })
  store.add(batch('old', 1))
  store.add(batch('huge', maxStoreBytes))
  expect(store.list(null).map(({ id }) => id)).toEqual(['huge'])

  store.add(batch('larger', maxStoreBytes + 1))
  expect(store.list(null).map(({ id }) => id)).toEqual(['larger'])
})

test('shows a batch only to its key', () => {
  const store = createBatchStore({ durationMs: 0 })
  store.add(batch('mine', 1, 'sk-1'))

  expect(store.find('mine', 'sk-1')?.id).toBe('mine')
  expect([store.find('mine', 'sk-2'), store.find('mine', null), store.find('other', 'sk-1')]).toEqual([
    null,
    null,
    null,
  ])
  expect(store.list(null)).toEqual([])
})

function batch(id: string, heldBytes: number, key: string | null = null): StoredBatch {
  return {
    id,
    createdMs: 0,
    call: {
      request: { method: 'POST', path: '/v1/messages/batches', headers: {}, body: null },
      apiVersion: '2023-06-01',
      key,
      query: new URLSearchParams(),
      name: '',
      head: {
        requestId: 'req_1',
        organizationId: createIdGenerator('a').organizationId,
        notices: [],
        exchange: createExchange(),
      },
    },
    total: 1,
    requests: [],
    ran: 0,
    outcomes: [],
    heldBytes,
    cancelInitiatedMs: null,
    endedMs: null,
  }
}
