import { toHeaderText } from '../../http/reply.ts'
import type { Redactor } from './redactor.ts'

type Headers = Readonly<Record<string, string>>

/** Response headers that are recorded. All others identify the account, the request or the connection. */
const recordedHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-amzn-bedrock-content-type',
  'x-amzn-errortype',
  'x-should-retry',
])

/** These change with each answer, so that they are recorded only with an error, which they explain. */
const errorHeader = /^(?:anthropic-ratelimit-|x-ratelimit-)/

/** Returns the headers of a response that are recorded, sorted by name. */
export function keepHeaders(headers: Headers, status: number, redactor: Redactor): Headers {
  const kept = Object.entries(headers)
    .filter(([name]) => recordedHeaders.has(name) || (status >= 400 && errorHeader.test(name)))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(kept.map(([name, value]) => [name, toHeaderText(redactor.redact(value))]))
}
