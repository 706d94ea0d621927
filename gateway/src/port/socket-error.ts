import type { Socket } from 'node:net'

import type { ApiError } from '../errors.ts'
import { encodeApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'

/**
 * Answers what never became a request, or stopped being one in its middle, and
 * closes the connection; the peer has `lingerMs` to take the answer.
 * False where nothing could be said, as in the middle of an answer.
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
  // What still comes is not read.
  setTimeout(() => socket.destroy(), lingerMs).unref()
  return true
}
