import type { Socket } from 'node:net'

import type { ApiError } from '../errors.ts'
import { encodeApiError } from '../http/respond.ts'
import { createRequestId } from '../http/request-id.ts'

/**
 * Sends an error on a connection whose request is malformed or incomplete, and
 * closes it; the peer has `lingerMs` to read the error. Returns false if nothing
 * could be sent, for example in the middle of a response.
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
  // Further bytes of the client are not read.
  setTimeout(() => socket.destroy(), lingerMs).unref()
  return true
}
