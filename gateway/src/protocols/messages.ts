import { indexBody, readBetas } from '@anthology/wire'

import { betaQuery, readMembers, readModelName, readStream, readVersion } from '../calls/call.ts'
import { ApiError } from '../errors.ts'
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
