import { createErrorReply } from '../api/error-reply.ts'
import type { Route } from '../api/route.ts'
import type { Reply, ReplyHead } from '../http/reply.ts'
import { toApiError } from './api-error.ts'

/** Creates the error that the exchange's fault answers with, in the shape of the route's protocol; null if it has none. */
export function createFaultReply(route: Route, head: ReplyHead): Reply | null {
  const { fault } = head.exchange
  const error = fault && toApiError(fault)
  if (fault === null || error === null) return null
  const reply = createErrorReply(route, error, head)
  const retryAfter = fault.retry_after === undefined ? {} : { 'retry-after': String(fault.retry_after) }
  return { ...reply, headers: { ...reply.headers, ...retryAfter, ...lowerNames(fault.headers ?? {}) } }
}

function lowerNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
