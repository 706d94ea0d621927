import { subtractReserve } from '../http/body.ts'
import { defaultLimits, sharedLimits } from '../limits.ts'
import type { LimitName, Limits } from '../limits.ts'

/**
 * A worker's equal share of the limits that span the workers. A central count would
 * cost two messages per call, and connections are distributed evenly, so the shares
 * fill up evenly. A share always has room for one call. The maximum batch may
 * shrink: one that a worker could never hold is rejected as too large, because a
 * retry would not help.
 */
export function shareLimits(given: Partial<Limits>, workers: number): Limits {
  const limits = { ...defaultLimits, ...given }
  if (workers === 1) return limits
  const shares: Partial<Record<LimitName, number>> = {}
  for (const name of sharedLimits) shares[name] = Math.max(1, Math.floor(limits[name] / workers))
  // The largest body fits beside the reserve for small ones: `subtractReserve` gives back at least `bodyBytes`.
  const minHeldBytes = limits.bodyBytes + Math.ceil(limits.bodyBytes / 63)
  const heldBodyBytes = Math.max(shares.heldBodyBytes ?? 0, minHeldBytes)
  const batchBodyBytes = Math.min(limits.batchBodyBytes, subtractReserve(heldBodyBytes))
  return { ...limits, ...shares, heldBodyBytes, batchBodyBytes }
}
