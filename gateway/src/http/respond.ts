import { encodeError } from '@anthology/wire'

import type { ApiErrorParts } from '../protocols/protocol.ts'
import type { BufferedResponse } from './client-exchange.ts'
import { errors } from '../errors.ts'
import type { ErrorKind, ApiError } from '../errors.ts'
import type { ClientRequest, ClientResponse } from './client-exchange.ts'

/** Sends a complete body with its content-length. */
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

/** An error of ours in the Messages API's error envelope. */
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
 * After a response that was sent before the whole body arrived, reads and
 * discards the rest for a while: closing a connection with unread bytes resets
 * it, and the client would lose the response.
 */
export function lingerAfter(request: ClientRequest, lingerMs: number, onCut: () => void): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => {
    onCut()
    request.destroy()
  }, lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  // An HTTP/2 stream closes without affecting the connection.
  if (!request.httpVersion.startsWith('2')) holdOpen(request)
  request.resume()
}

/**
 * Node destroys a connection right after its last response. Instead, only our side is closed, and the connection is
 * destroyed once the body has been received.
 */
function holdOpen(request: ClientRequest): void {
  const { socket } = request
  let isLast = false
  const hold = (): void => {
    isLast = true
    socket.end()
  }
  socket.destroySoon = hold
  request.once('close', () => {
    // A request received together with the end of this one may hold the connection by now.
    if (socket.destroySoon === hold) Reflect.deleteProperty(socket, 'destroySoon')
    if (isLast) socket.destroySoon()
  })
}
