import type { ApiErrorParts } from '../protocols/protocol.ts'
import type { BufferedResponse } from './client-exchange.ts'

/**
 * An error of the admin API (RFC 9457). The code is that of the log and the metrics; `more` are extension members.
 */
export function toProblem(
  { code, kind, message, requestId }: Omit<ApiErrorParts, 'headers'>,
  more: object = {},
): object {
  return {
    type: `urn:anthology:error:${code}`,
    title: code.replaceAll('_', ' '),
    status: kind.status,
    detail: message,
    code,
    request_id: requestId,
    ...more,
  }
}

/** A response with a problem. */
export function toProblemResponse(parts: ApiErrorParts, more = parts.details): BufferedResponse {
  return {
    status: parts.kind.status,
    headers: {
      'content-type': 'application/problem+json',
      'request-id': parts.requestId,
      'cache-control': 'no-store',
      ...parts.headers,
    },
    body: Buffer.from(JSON.stringify(toProblem(parts, more))),
  }
}
