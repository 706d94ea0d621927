import { getHeapStatistics } from 'node:v8'

import { subtractReserve } from '../http/body.ts'
import { defaultLimits, sharedLimits } from '../limits.ts'
import type { LimitName, Limits } from '../limits.ts'

/**
 * The limits of a process: a worker's equal share of the limits that span the workers. A central count would
 * cost two messages per call, and connections are distributed evenly, so the shares
 * fill up evenly. A share always has room for one call. The maximum batch may
 * shrink: one that a worker could never hold is rejected as too large, because a
 * retry would not help.
 *
 * A process whose heap is full ends with all of its calls, and a body that is translated takes two to three times its
 * size there. So without a configured limit bodies have at most a quarter of `heapBytes`, the maximum size of the heap.
 */
export function shareLimits(
  given: Partial<Limits>,
  workers: number,
  heapBytes = getHeapStatistics().heap_size_limit,
): Limits {
  const limits = { ...defaultLimits, ...given }
  const isSmallHeap = given.heldBodyBytes === undefined && heapBytes / 4 < limits.heldBodyBytes / workers
  if (workers === 1 && !isSmallHeap) return limits
  const shares: Partial<Record<LimitName, number>> = {}
  for (const name of sharedLimits) shares[name] = Math.max(1, Math.floor(limits[name] / workers))
  if (isSmallHeap) shares.heldBodyBytes = Math.floor(heapBytes / 4)
  // The largest body fits beside the reserve for small ones: `subtractReserve` gives back at least `bodyBytes`.
  const minHeldBytes = limits.bodyBytes + Math.ceil(limits.bodyBytes / 63)
  const heldBodyBytes = Math.max(shares.heldBodyBytes ?? 0, minHeldBytes)
  const batchBodyBytes = Math.min(limits.batchBodyBytes, subtractReserve(heldBodyBytes))
  return { ...limits, ...shares, heldBodyBytes, batchBodyBytes }
}
