import { getErrorType } from '@anthology/wire'

import type { ApiError } from '../http/reply.ts'
import type { Fault } from '../scenario/scenario.ts'

/** Returns the error that a fault answers with; null: the fault is in the transport or in the stream. */
export function toApiError(fault: Fault): ApiError | null {
  const status = fault.status ?? getImpliedStatus(fault)
  if (status === null) return null
  return { status, message: getMessage(fault, status) }
}

function getImpliedStatus({ overloaded, rate_limit: rateLimit }: Fault): number | null {
  if (overloaded) return 529
  return rateLimit === undefined ? null : 429
}

function getMessage({ error }: Fault, status: number): string {
  const given = typeof error === 'string' ? error : error?.message
  return given ?? messages[status] ?? defaultMessages[getErrorType(status)] ?? 'Internal server error'
}

/** What the service says (docs.claude.com, api/errors; public issue reports). */
const messages: Readonly<Record<number, string>> = {
  429: "This request would exceed your account's rate limit. Please try again later.",
  500: 'Internal server error',
  529: 'Overloaded',
}

const defaultMessages: Readonly<Record<string, string>> = {
  invalid_request_error: 'Invalid request',
  authentication_error: 'invalid x-api-key',
  permission_error: 'Your API key does not have permission to use the specified resource.',
  not_found_error: 'Not Found',
  request_too_large: 'Request exceeds the maximum size',
  timeout_error: 'Request timed out',
}
