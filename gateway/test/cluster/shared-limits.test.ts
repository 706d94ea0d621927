import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { subtractReserve } from '../../src/http/body.ts'
import { defaultLimits, sharedLimits } from '../../src/limits.ts'
import { shareLimits } from '../../src/cluster/shared-limits.ts'

/** Bytes; with a smaller one less memory is left for bodies. */
const largeHeap = 2 ** 40

test('one worker has the whole of each limit', () => {
  expect(shareLimits({ openStreams: 7 }, 1, largeHeap)).toEqual({ ...defaultLimits, openStreams: 7 })
})

test('divides only the limits that span the workers', () => {
  const shared = shareLimits({ batchBodyBytes: 1_000_000 }, 4, largeHeap)

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

test('without a configured limit bodies take at most a quarter of a small heap, and one call always fits', () => {
  const MiB = 1024 * 1024

  expect(shareLimits({}, 1, 1_024 * MiB)).toEqual({
    ...defaultLimits,
    heldBodyBytes: 256 * MiB,
    batchBodyBytes: 252 * MiB,
  })
  expect(shareLimits({}, 4, 512 * MiB).heldBodyBytes).toBe(128 * MiB)
  expect(subtractReserve(shareLimits({}, 1, 32 * MiB).heldBodyBytes)).toBeGreaterThanOrEqual(32 * MiB)
  expect(shareLimits({ heldBodyBytes: 900 * MiB }, 1, 512 * MiB).heldBodyBytes).toBe(900 * MiB)
})

test('a batch that its worker could never hold is too large, rather than to be retried', () => {
  expect(shareLimits({}, 2, largeHeap).batchBodyBytes).toBe(defaultLimits.batchBodyBytes)
  expect(shareLimits({}, 8, largeHeap).batchBodyBytes).toBe(126 * 1024 * 1024)
  expect(shareLimits({ batchBodyBytes: 9_000_000 }, 8).batchBodyBytes).toBe(9_000_000)
})
