import type { Socket } from 'node:net'

import type { ApiError } from '../errors.ts'
import { encodeApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'

/**
 * Sends an error for input that is no valid or complete request, and closes the
 * connection; the peer has `lingerMs` to read it. Returns false if no error could
 * be sent, as in the middle of a response.
 */
export function sendErrorOnSocket(
  socket: Socket,
  midAnswer: boolean,
  apiError: ApiError,
  lingerMs = 1_000,
): boolean {
  if (!socket.writable || midAnswer) {
    socket.destroy()
    return false
  }
  const { kind, message } = apiError
  const id = createRequestId()
  const body = encodeApiError(kind, message, id)
  const head = [
    `HTTP/1.1 ${kind.status} ${kind.status === 431 ? 'Request Header Fields Too Large' : 'Refused'}`,
    'content-type: application/json',
    `request-id: ${id}`,
    `x-should-retry: ${kind.retry}`,
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  // Further input is not read.
  setTimeout(() => socket.destroy(), lingerMs).unref()
  return true
}
