import { indexBody } from '@anthology/wire'

import { betaQuery, readBetas, readMembers, readModelName, readStream, readVersion } from '../calls/call.ts'
import { Refusal } from '../errors.ts'
import { pickRequestHeaders } from '../http/headers.ts'
import { refuseInMessages } from '../http/respond.ts'
import { type Door, type DoorRequest, type Draft, untouched } from './protocol.ts'

/** `/v1/messages`, under any prefix. */
export const messagesDoor: Door = {
  name: 'messages',
  contentType: 'application/json',
  path: { billable: true, model: null },
  read: (source) => readMessages(source, '/v1/messages'),
  refuse: refuseInMessages,
}

/** `/v1/messages/count_tokens`, which is free and never a stream. */
export const countTokensDoor: Door = {
  ...messagesDoor,
  path: { billable: false, model: null },
  read: (source) => readMessages(source, '/v1/messages/count_tokens'),
}

function readMessages({ request, body }: DoorRequest, path: string): Draft {
  readVersion(request.headers)
  const index = indexBody(body, readMembers)
  if (!index.ok) throw new Refusal('bad_request', index.message)
  const billable = path === '/v1/messages'
  const headers = pickRequestHeaders(request.headers)
  return {
    billable,
    requestedModel: readModelName(body, index),
    stream: billable && readStream(body, index),
    path: path + betaQuery(request.url ?? ''),
    body,
    index,
    edits: [],
    headers,
    betas: readBetas(headers['anthropic-beta']),
    notices: [],
    shape: untouched,
  }
}
