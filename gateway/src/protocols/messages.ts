import type { IncomingHttpHeaders } from 'node:http'

import { invalidBedrockBeta } from '@anthology/catalog'
import { indexBody, parseApiVersion, readBetas } from '@anthology/wire'

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
  platform: 'anthropic',
  contentType: 'application/json',
  path: { billable: true, model: null },
  forwardsRateLimits: true,
  read: (source) => readMessages(source, '/v1/messages'),
  toErrorResponse: toMessagesErrorResponse,
}

/** `/v1/messages/count_tokens`: free, and never streamed. */
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

/** Forward only `beta=true` (the SDKs' beta namespace); any other query parameter could be a secret. */
export function betaQuery(target: string): '' | '?beta=true' {
  return (target.split('?')[1] ?? '').split('&').includes('beta=true') ? '?beta=true' : ''
}

export function readVersion(headers: IncomingHttpHeaders): void {
  // Node joins repeated headers, but the type of any header allows a list.
  const version = parseApiVersion(headers['anthropic-version']?.toString())
  if (!version.ok) throw new ApiError('bad_request', version.message)
}

/**
 * Headers of the Messages API for a request that arrived through another protocol. The betas may be from its body:
 * throws an ApiError for those that are no text of a header, because the failed request would count against the
 * upstream.
 */
export function messagesHeaders(
  request: Pick<ClientRequest, 'headers'>,
  { version, betas }: { readonly version: string; readonly betas: readonly string[] },
): Record<string, string> {
  const { 'anthropic-beta': _, ...headers } = pickRequestHeaders(request.headers)
  headers['content-type'] = 'application/json'
  headers['accept'] = 'application/json'
  headers['anthropic-version'] = version
  const joined = betas.join(',')
  if (joined.length > maxBetasLength || !headerText.test(joined))
    throw new ApiError('bad_request', invalidBedrockBeta)
  if (joined !== '') headers['anthropic-beta'] = joined
  return headers
}

/** Far more than all known betas; servers limit all headers of a request, usually to 8 KB or more. */
const maxBetasLength = 4_096

/** What HTTP allows in the value of a header (RFC 9110, 5.5). */
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/
