import type { BatchItem, BatchResultLine, Message } from '@anthology/wire'

import { createMessage } from '../../message/create-message.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import { openExchange } from '../../scenario/exchange.ts'
import { matchRoute } from '../route.ts'
import type { Settings } from '../../options/settings.ts'
import { finishSteps } from '../../steps.ts'
import type { Outcome } from './batch-store.ts'

/** Runs one request of a batch through the Messages endpoint, at the `batch` tier, which costs half. */
export function runItem(item: BatchItem, batchCall: Call, settings: Settings): Outcome {
  const reply = finishSteps(createMessage(createCall(item, batchCall, settings), settings))
  const body: unknown = JSON.parse(utf8.decode(readBody(reply).bytes))
  const { custom_id } = item
  if (reply.status !== 200)
    return { kind: 'errored', line: JSON.stringify({ custom_id, result: { type: 'errored', error: body } }) }
  // The emulator itself encoded this message.
  const message = body as Message
  const line: BatchResultLine = {
    custom_id,
    result: {
      type: 'succeeded',
      message: { ...message, usage: { ...message.usage, service_tier: 'batch' } },
    },
  }
  return { kind: 'succeeded', line: JSON.stringify(line) }
}

/** The call has the headers of the batch, and with them its key, version and betas. */
function createCall({ params }: BatchItem, call: Call, { ids }: Settings): Call {
  const body = new TextEncoder().encode(JSON.stringify(params))
  const { organizationId } = ids
  const request = { ...call.request, method: 'POST', path: '/v1/messages', body }
  const exchange = openExchange(request, matchRoute(request))
  return {
    ...call,
    batch: true,
    request,
    head: { requestId: ids.nextRequestId(), organizationId, notices: [], exchange },
  }
}

const utf8 = new TextDecoder()
