import { encodeSse, errorEnvelope, getErrorType } from '@anthology/wire'
import type { StreamEvent } from '@anthology/wire'

/** An answer that has not been sent: its head, and its body in frames that may be made as they are sent. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly frames: Iterator<Frame>
}

/** `tokens` is how many tokens of speaking time pass before the frame is due. */
export interface Frame {
  readonly bytes: Uint8Array
  readonly tokens: number
}

/** What the caller is told beside the body: a status for an error, and notices in a header. */
export interface ReplyHead {
  readonly requestId: string
  readonly organizationId: string
  readonly notices: readonly string[]
  /** Further headers, such as those of rate limits. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal, before it is an answer. */
export interface ApiError {
  readonly status: number
  readonly message: string
  /** `error.details.error_code`, of 2026 (platform.claude.com, api/errors). */
  readonly errorCode?: string
}

export function jsonReply(value: unknown, head: ReplyHead, tokens = 0): Reply {
  const bytes = utf8.encode(JSON.stringify(value))
  return {
    status: 200,
    headers: createHeaders(head, 'application/json', bytes.length),
    frames: [{ bytes, tokens }].values(),
  }
}

export function streamReply(events: Iterable<TimedEvent>, head: ReplyHead): Reply {
  const headers = { ...createHeaders(head, 'text/event-stream; charset=utf-8'), 'cache-control': 'no-cache' }
  return { status: 200, headers, frames: encodeEvents(events) }
}

export interface TimedEvent {
  readonly event: StreamEvent
  readonly tokens: number
}

export function errorReply({ status, message, errorCode }: ApiError, head: ReplyHead): Reply {
  const details = errorCode === undefined ? undefined : { error_code: errorCode }
  const envelope = errorEnvelope({ type: getErrorType(status), message, requestId: head.requestId, details })
  return { ...jsonReply(envelope, head), status }
}

const utf8 = new TextEncoder()

function* encodeEvents(events: Iterable<TimedEvent>): Generator<Frame> {
  for (const { event, tokens } of events)
    yield { bytes: encodeSse(event.type, JSON.stringify(event)), tokens }
}

export function createHeaders(head: ReplyHead, contentType: string, length?: number): Record<string, string> {
  return {
    'content-type': contentType,
    ...(length !== undefined && { 'content-length': String(length) }),
    'request-id': head.requestId,
    'anthropic-organization-id': head.organizationId,
    ...head.headers,
    ...(head.notices.length > 0 && { 'x-anthology-notice': head.notices.map(toHeaderText).join('; ') }),
  }
}

/** Header values are printable ASCII; a notice may quote a client's own name for something. */
export function toHeaderText(text: string): string {
  return (unprintable.test(text) ? text.replaceAll(/[^\x20-\x7e]+/g, ' ') : text).trim()
}

const unprintable = /[^\x20-\x7e]/
