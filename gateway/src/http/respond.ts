import { encodeError } from '@anthology/wire'

import type { ApiErrorParts } from '../protocols/protocol.ts'
import type { BufferedResponse } from './client-exchange.ts'
import { errors } from '../errors.ts'
import type { ErrorKind, ApiError } from '../errors.ts'
import type { ClientRequest, ClientResponse } from './client-exchange.ts'

/** Answers with a whole body of our own. */
export function sendBytes(
  response: ClientResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): void {
  response.writeHead(status, { ...headers, 'content-length': body.byteLength })
  response.end(body)
}

export function sendJson(response: ClientResponse, status: number, requestId: string, value: unknown): void {
  sendBytes(
    response,
    status,
    { 'content-type': 'application/json', 'request-id': requestId },
    Buffer.from(JSON.stringify(value)),
  )
}

export function sendAnswer(response: ClientResponse, { status, headers, body }: BufferedResponse): void {
  sendBytes(response, status, headers, body)
}

/** A refusal of our own in the Messages protocol's envelope. */
export function toMessagesErrorResponse({
  kind,
  message,
  requestId,
  headers: more,
}: Omit<ApiErrorParts, 'code'>): BufferedResponse {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'request-id': requestId,
    'x-should-retry': String(kind.retry),
  }
  if (kind.retry && kind.status !== errors.request_timeout.status) headers['retry-after'] = '1'
  return {
    status: kind.status,
    headers: { ...headers, ...more },
    body: encodeApiError(kind, message, requestId),
  }
}

export function sendApiError(
  response: ClientResponse,
  requestId: string,
  { kind, message, headers }: Pick<ApiError, 'kind' | 'message' | 'headers'>,
): void {
  sendAnswer(response, toMessagesErrorResponse({ kind, message, requestId, headers }))
}

export function encodeApiError(kind: ErrorKind, message: string, requestId: string): Buffer {
  return Buffer.from(encodeError({ type: kind.type, message, requestId }))
}

/**
 * After an answer that did not wait for the whole body, what still comes is
 * read and thrown away for a while: a connection that is closed with unread
 * bytes is reset, and the client would lose the answer.
 */
export function lingerAfter(request: ClientRequest, lingerMs: number, onCut: () => void): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => {
    onCut()
    request.destroy()
  }, lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  // A stream of HTTP/2 is closed by itself.
  if (!request.httpVersion.startsWith('2')) holdOpen(request)
  request.resume()
}

/** Node destroys a connection right behind its last answer; here it sends no more, and is destroyed once the body has come. */
function holdOpen(request: ClientRequest): void {
  const { socket } = request
  let isLast = false
  const hold = (): void => {
    isLast = true
    socket.end()
  }
  socket.destroySoon = hold
  request.once('close', () => {
    // A request that came with the end of this one may hold it by now.
    if (socket.destroySoon === hold) Reflect.deleteProperty(socket, 'destroySoon')
    if (isLast) socket.destroySoon()
  })
}
