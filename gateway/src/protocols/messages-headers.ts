import type { ClientRequest } from '../http/client-exchange.ts'
import { pickRequestHeaders } from '../http/headers.ts'

/** The request headers for the Messages API of a call received through another protocol. */
export function messagesHeaders(
  request: ClientRequest,
  { version, betas }: { readonly version: string; readonly betas: readonly string[] },
): Record<string, string> {
  const { 'anthropic-beta': _, ...headers } = pickRequestHeaders(request.headers)
  headers['content-type'] = 'application/json'
  headers['accept'] = 'application/json'
  headers['anthropic-version'] = version
  if (betas.length > 0) headers['anthropic-beta'] = betas.join(',')
  return headers
}
