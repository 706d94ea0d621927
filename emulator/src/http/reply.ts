import { encodeSse, errorEnvelope, getErrorType, streamHeaders } from '@anthology/wire'
import type { StreamEvent, WireErrorType } from '@anthology/wire'

import type { Exchange } from '../scenario/exchange.ts'

/** A response that has not been sent: its head, and its body as frames, which may be generated while they are sent. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly frames: Iterator<Frame>
}

/** A part of a body. It is due after `tokens` more tokens at the emulator's pace. */
export interface Frame {
  readonly bytes: Uint8Array
  readonly tokens: number
  /** An additional wait before it, in milliseconds; `Infinity` sends no more. */
  readonly delayMs?: number
  /** In place of the frame, the exchange fails with this error. */
  readonly failure?: Error
}

/** The data for the response headers. */
export interface ReplyHead {
  readonly requestId: string
  readonly organizationId: string
  readonly notices: readonly string[]
  /** Additional headers, such as rate limits. */
  readonly headers?: Readonly<Record<string, string>>
  /** The exchange that the response belongs to. */
  readonly exchange: Exchange
}

/** An error of the API, before it is encoded as a response. */
export interface ApiError {
  readonly status: number
  readonly message: string
  /** `error.type` in place of the one that belongs to the status. */
  readonly type?: string
  /** `error.details.error_code`, since 2026 (platform.claude.com, api/errors). */
  readonly errorCode?: string
  /** Help that the API does not give, for the notice header. */
  readonly notice?: string
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
  const headers = { ...createHeaders(head, 'text/event-stream; charset=utf-8'), ...streamHeaders }
  return { status: 200, headers, frames: encodeEvents(events) }
}

export interface TimedEvent {
  readonly event: StreamEvent
  readonly tokens: number
}

export function errorReply(error: ApiError, head: ReplyHead): Reply {
  const { status, message, errorCode, notice } = error
  const details = errorCode === undefined ? undefined : { error_code: errorCode }
  // A fault may name a type that the API does not have.
  const type = (error.type ?? getErrorType(status)) as WireErrorType
  const envelope = errorEnvelope({ type, message, requestId: head.requestId, details })
  const notices = notice === undefined ? head.notices : [...head.notices, notice]
  return { ...jsonReply(envelope, { ...head, notices }), status }
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

/** Replaces characters that a header value cannot contain; a notice may quote a name that the client chose. */
export function toHeaderText(text: string): string {
  return (unprintable.test(text) ? text.replaceAll(/[^\x20-\x7e]+/g, ' ') : text).trim()
}

const unprintable = /[^\x20-\x7e]/
