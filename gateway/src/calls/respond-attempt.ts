import { formatNanoUsd } from '@anthology/catalog'
import type { Price } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { errors } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import { sendAnswer } from '../http/respond.ts'
import type { BufferedResponse } from '../http/client-exchange.ts'
import { createUntranslatable } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import type { Attempt, AttemptResult, Finish } from './attempt.ts'
import { createResponseHeaders } from './response-headers.ts'

/** The metered usage of a response, and its price. */
interface Metered {
  readonly price: Price | null
  readonly usage: UsageFields | null
}

/** Sends the held-back part of a response: a complete response, the end of a stream, or an error of ours. */
export function respondAttempt(
  attempt: Attempt,
  { finish, status }: AttemptResult,
  { price, usage }: Metered,
): void {
  const { response } = attempt
  switch (finish.kind) {
    case 'aborted':
      response.destroy()
      return
    case 'stream_end':
      endStream(response, finish)
      return
    case 'api_error':
      sendAnswer(response, createErrorResponse(attempt, finish.failure))
      return
    case 'complete': {
      const headers = { ...finish.headers, ...createResponseHeaders(attempt) }
      if (price?.ok === true) headers['x-anthology-cost-usd'] = formatNanoUsd(price.totalNanoUsd)
      sendAnswer(response, translate(attempt, { status, headers, body: finish.body }, usage))
    }
  }
}

function translate(attempt: Attempt, answer: BufferedResponse, usage: UsageFields | null): BufferedResponse {
  try {
    return attempt.call.translator.translateBody(answer, usage)
  } catch {
    // Translating protocols parse the response, and an upstream may send anything.
    return createErrorResponse(attempt, createUntranslatable(attempt.planned.account.name))
  }
}

function createErrorResponse({ call, permit }: Attempt, { error, message }: Failure): BufferedResponse {
  const headers = permit.headers()
  return call.protocol.toErrorResponse({
    code: error,
    kind: errors[error],
    message,
    requestId: call.id,
    headers,
  })
}

/** The last row is durable, so events that waited for the first one can be sent too. */
function endStream(
  response: ClientResponse,
  { open, frames }: Extract<Finish, { kind: 'stream_end' }>,
): void {
  open()
  for (const frame of frames) response.write(frame)
  response.end()
}
