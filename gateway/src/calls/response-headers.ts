import { noticeHeader, headerText } from '../http/headers.ts'
import type { Attempt } from './attempt.ts'

/** Creates our own headers on a response: upstream, model, attempts, notices, and the key's remaining limits. */
export function createResponseHeaders({
  call,
  planned,
  attemptNumber,
  permit,
}: Pick<Attempt, 'call' | 'planned' | 'attemptNumber' | 'permit'>): Record<string, string> {
  const headers: Record<string, string> = {
    ...permit.headers(),
    'request-id': call.id,
    'x-anthology-upstream': planned.account.name,
    'x-anthology-model': call.model.id,
    'x-anthology-attempts': String(attemptNumber),
  }
  if (call.notices.length > 0) headers[noticeHeader] = headerText([...new Set(call.notices)].join('; '))
  return headers
}
