import { encodeError } from '@anthology/wire'

import type { ApiErrorParts } from '../protocols/protocol.ts'
import type { BufferedResponse, ClientResponse } from './client-exchange.ts'
import { errors } from '../errors.ts'
import type { ErrorKind, ApiError } from '../errors.ts'

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
  errorCode = null,
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
    body: encodeApiError(kind, message, requestId, errorCode),
  }
}

export function sendApiError(
  response: ClientResponse,
  requestId: string,
  { kind, message, headers, errorCode }: Pick<ApiError, 'kind' | 'message' | 'headers' | 'errorCode'>,
): void {
  sendAnswer(response, toMessagesErrorResponse({ kind, message, requestId, headers, errorCode }))
}

export function encodeApiError(
  kind: ErrorKind,
  message: string,
  requestId: string,
  errorCode: string | null = null,
): Buffer {
  const details = errorCode === null ? undefined : { error_code: errorCode }
  return Buffer.from(encodeError({ type: kind.type, message, requestId, details }))
}
