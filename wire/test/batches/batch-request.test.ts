import { describe, expect, test } from 'vitest'

import { maxBatchRequests, parseBatchRequest } from '../../src/batches/batch-request.ts'

const item = { custom_id: 'a', params: {} }

describe('a batch request', () => {
  test('is typed if valid', () => {
    expect(parseBatchRequest({ requests: [item] })).toEqual({ ok: true, request: { requests: [item] } })
  })

  test('accepts the number of requests in the guide, and no more', () => {
    const requests = Array.from({ length: maxBatchRequests }, (_, i) => ({ ...item, custom_id: `a${i}` }))

    expect(parseBatchRequest({ requests }).ok).toBe(true)
    expect(parseBatchRequest({ requests: [...requests, item] })).toMatchObject({
      problem: { path: 'requests' },
    })
  })

  test.each<[unknown, string]>([
    [null, ''],
    [[], ''],
    [{}, 'requests'],
    [{ requests: [] }, 'requests'],
    [{ requests: [{ custom_id: 'a' }] }, 'requests.0.params'],
    [{ requests: [{ ...item, custom_id: '' }] }, 'requests.0.custom_id'],
    [{ requests: [{ ...item, custom_id: 'a b' }] }, 'requests.0.custom_id'],
    [{ requests: [{ ...item, custom_id: 'a\n' }] }, 'requests.0.custom_id'],
    [{ requests: [{ ...item, custom_id: 'x'.repeat(65) }] }, 'requests.0.custom_id'],
    [{ requests: [item, { ...item, custom_id: 'b' }, item] }, 'requests.2.custom_id'],
    [{ requests: [item], extra: 1 }, 'extra'],
  ])('%j is invalid', (body, path) => {
    expect(parseBatchRequest(body)).toMatchObject({ ok: false, problem: { path } })
  })

  test('may have an id of 64 characters', () => {
    expect(parseBatchRequest({ requests: [{ ...item, custom_id: '_-'.repeat(32) }] }).ok).toBe(true)
  })
})
