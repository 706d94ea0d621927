import { headerText, noticeHeader, pickResponseHeaders, printableText } from '../http/headers.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'

/** The upstream's headers for the client, with its rate limits if the protocol has any and the key has none of its own. */
export function forwardHeaders(
  { call, permit }: Pick<Attempt, 'call' | 'permit'>,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  return pickResponseHeaders(headers, {
    rateLimits: call.protocol.forwardsRateLimits && !permit.isLimited,
  })
}

/** Our own response headers: upstream, model, attempts, notices, and the key's remaining limits. */
export function createResponseHeaders({
  call,
  planned,
  attemptNumber,
  permit,
  money,
}: Pick<Attempt, 'call' | 'planned' | 'attemptNumber' | 'permit' | 'money'>): Record<string, string> {
  const headers: Record<string, string> = {
    ...permit.headers(),
    ...money.headers(),
    'request-id': call.id,
    'x-anthology-upstream': planned.account.name,
    'x-anthology-model': planned.model.id,
    'x-anthology-attempts': String(attemptNumber),
  }
  if (call.notices.length > 0) headers[noticeHeader] = headerText(joinNotices(call))
  return headers
}

/** All notices of a call, for its entry in the log: the header has only their beginning. */
export function describeNotices(call: Pick<Call, 'notices'>): string | undefined {
  return call.notices.length === 0 ? undefined : printableText(joinNotices(call))
}

function joinNotices({ notices }: Pick<Call, 'notices'>): string {
  return [...new Set(notices)].join('; ')
}
