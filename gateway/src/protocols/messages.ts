import type { IncomingHttpHeaders } from 'node:http'

import { indexBody, parseApiVersion } from '@anthology/wire'

import { readMembers, readModelName, readStream } from '../calls/call.ts'
import { ApiError } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import { pickRequestHeaders } from '../http/headers.ts'
import { toMessagesErrorResponse } from '../http/respond.ts'
import { passthrough } from './protocol.ts'
import type { Protocol, ProtocolRequest, InboundRequest } from './protocol.ts'

/** `/v1/messages`, under any prefix. */
export const messagesProtocol: Protocol = {
  name: 'messages',
  contentType: 'application/json',
  path: { billable: true, model: null },
  read: (source) => readMessages(source, '/v1/messages'),
  toErrorResponse: toMessagesErrorResponse,
}

/** `/v1/messages/count_tokens`, which is free and never a stream. */
export const countTokensProtocol: Protocol = {
  ...messagesProtocol,
  path: { billable: false, model: null },
  read: (source) => readMessages(source, '/v1/messages/count_tokens'),
}

function readMessages({ request, body }: ProtocolRequest, path: string): InboundRequest {
  readVersion(request.headers)
  const index = indexBody(body, readMembers)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const billable = path === '/v1/messages'
  const headers = pickRequestHeaders(request.headers)
  return {
    billable,
    requestedModel: readModelName(body, index),
    stream: billable && readStream(body, index),
    path: path + betaQuery(request.url ?? ''),
    body,
    index,
    patches: [],
    headers,
    betas: readBetas(headers['anthropic-beta']),
    notices: [],
    translator: passthrough,
  }
}

/** Returns the query to forward: only `beta=true`, because any other parameter could be a secret. */
export function betaQuery(target: string): '' | '?beta=true' {
  return (target.split('?')[1] ?? '').split('&').includes('beta=true') ? '?beta=true' : ''
}

export function readVersion(headers: IncomingHttpHeaders): void {
  // Node joins repeated headers, but its type allows a list for any header.
  const version = parseApiVersion(headers['anthropic-version']?.toString())
  if (!version.ok) throw new ApiError('bad_request', version.message)
}

/** Splits the list of betas, which clients write with or without spaces. */
export function readBetas(header = ''): readonly string[] {
  return header
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '')
}

/** Creates the Messages API's headers for a call of another protocol. */
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
