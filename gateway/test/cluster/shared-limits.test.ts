import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { subtractReserve } from '../../src/http/body.ts'
import { defaultLimits, sharedLimits } from '../../src/limits.ts'
import { shareLimits } from '../../src/cluster/shared-limits.ts'

test('one worker has the whole of each limit', () => {
  expect(shareLimits({ openStreams: 7 }, 1)).toEqual({ ...defaultLimits, openStreams: 7 })
})

test('divides only the limits that span the workers', () => {
  const shared = shareLimits({ batchBodyBytes: 1_000_000 }, 4)

  const changed = Object.entries(shared).filter(
    ([name, limit]) => limit !== Object.entries(defaultLimits).find(([other]) => other === name)?.[1],
  )
  expect(changed.map(([name]) => name).toSorted((one, other) => one.localeCompare(other))).toEqual(
    [...sharedLimits, 'batchBodyBytes'].toSorted((one, other) => one.localeCompare(other)),
  )
  expect([shared.openStreams, shared.batchBodyBytes]).toEqual([defaultLimits.openStreams / 4, 1_000_000])
})

test('a share is large enough for one call with the largest body, plus the reserve for small ones', () => {
  const bytes = fc.integer({ min: 1, max: 2 ** 32 })
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 64 }), bytes, bytes, (workers, held, body) => {
      const shared = shareLimits({ heldBodyBytes: held, bodyBytes: body, openStreams: 2 }, workers)

      const largest = subtractReserve(shared.heldBodyBytes)
      expect(shared.bodyBytes).toBe(body)
      expect(largest).toBeGreaterThanOrEqual(body)
      expect(shared.heldBodyBytes).toBeLessThanOrEqual(Math.max(held / workers, (body * 64) / 63 + 1))
      expect(largest).toBeGreaterThanOrEqual(shared.batchBodyBytes)
      expect(shared.openStreams).toBe(1)
    }),
  )
})

test('a batch that its worker could never hold is too large, rather than to be retried', () => {
  expect(shareLimits({}, 2).batchBodyBytes).toBe(defaultLimits.batchBodyBytes)
  expect(shareLimits({}, 8).batchBodyBytes).toBe(126 * 1024 * 1024)
  expect(shareLimits({ batchBodyBytes: 9_000_000 }, 8).batchBodyBytes).toBe(9_000_000)
})
