import type { IncomingMessage, ServerResponse } from 'node:http'

import { encodeError } from '@anthology/wire'

import { type ErrorKind, type Refusal, errors } from './errors.ts'

/** Answers with a whole body of our own. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Uint8Array,
): void {
  response.writeHead(status, { ...headers, 'content-length': body.byteLength })
  response.end(body)
}

export function sendJson(response: ServerResponse, status: number, requestId: string, value: unknown): void {
  sendBytes(
    response,
    status,
    { 'content-type': 'application/json', 'request-id': requestId },
    Buffer.from(JSON.stringify(value)),
  )
}

/** Answers a refusal of our own in the Messages protocol's envelope. */
export function sendRefusal(response: ServerResponse, requestId: string, refusal: Refusal): void {
  const { status } = refusal.kind
  const body = encodeRefusal(refusal.kind, refusal.message, requestId)
  const headers: Record<string, string> = { 'content-type': 'application/json', 'request-id': requestId }
  headers['x-should-retry'] = String(refusal.kind.retry)
  if (refusal.kind.retry && status !== errors.request_timeout.status) headers['retry-after'] = '1'
  sendBytes(response, status, headers, body)
}

export function encodeRefusal(kind: ErrorKind, message: string, requestId: string): Buffer {
  return Buffer.from(encodeError({ type: kind.type, message, requestId }))
}

/**
 * After an answer that did not wait for the whole body, what still comes is
 * read and thrown away for a while: a connection that is closed with unread
 * bytes is reset, and the client would lose the answer.
 */
export function lingerAfter(request: IncomingMessage, lingerMs: number): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.socket.destroy(), lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  request.resume()
}
