import { type Limits, defaultLimits } from '../limits.ts'

/** Limits on all calls of the server together; the others are about one call, one connection or one batch. */
export const limitsOfAll = [
  'connections',
  'connectionsPerAddress',
  'heldBodyBytes',
  'reservedBodyBytes',
  'upstreamConnections',
  'concurrentCalls',
  'queuedCalls',
  'openStreams',
  'openStreamsPerKey',
] as const satisfies readonly (keyof Limits)[]

/**
 * A worker's equal part of the limits on all calls together. Counting them in one
 * place would cost two messages a call; connections are dealt out in turn, so the
 * parts fill up alike. A part is never so small that one call does not fit. A
 * batch may have to be smaller: one that its worker could never hold is refused as
 * too large, for to come again later would not help it.
 */
export function shareLimits(given: Partial<Limits>, workers: number): Limits {
  const limits = { ...defaultLimits, ...given }
  if (workers === 1) return limits
  const shares: Partial<Record<keyof Limits, number>> = {}
  for (const name of limitsOfAll) shares[name] = Math.max(1, Math.floor(limits[name] / workers))
  const reservedBodyBytes = shares.reservedBodyBytes ?? 0
  // Beside the largest body stands what is reserved for small ones: that, or a quarter of all (body.ts).
  const reserveBytes = Math.min(reservedBodyBytes, Math.ceil(limits.bodyBytes / 3))
  const heldBodyBytes = Math.max(shares.heldBodyBytes ?? 0, limits.bodyBytes + reserveBytes)
  const maxBytes = Math.floor(heldBodyBytes - Math.min(reservedBodyBytes, heldBodyBytes / 4))
  const batchBodyBytes = Math.min(limits.batchBodyBytes, maxBytes)
  return { ...limits, ...shares, heldBodyBytes, batchBodyBytes }
}
