import { formatNanoUsd } from '@anthology/catalog'
import type { Price } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { errors } from '../errors.ts'
import type { BufferedResponse } from '../http/client-exchange.ts'
import { sendAnswer } from '../http/respond.ts'
import { createFailure } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import type { Attempt, AttemptResult, Finish } from './attempt.ts'
import { createResponseHeaders } from './response-headers.ts'

/** The metered usage of a response, and its price. */
interface Metered {
  readonly price: Price | null
  readonly usage: UsageFields | null
}

/** A response that is ready to be sent, and the result that describes it in the ledger, the log and the metrics. */
interface PreparedResponse {
  readonly end: AttemptResult
  /** Sends it once the row is durable. */
  readonly send: () => void
}

/**
 * Prepares the held-back part of a response: a complete response, the end of a stream, or an error of ours. A protocol
 * may have another status for an error, and a response may turn out to be untranslatable: the result that is returned
 * is what the client gets.
 */
export function prepareResponse(attempt: Attempt, end: AttemptResult, metered: Metered): PreparedResponse {
  const { response } = attempt
  const { finish } = end
  switch (finish.kind) {
    case 'aborted':
      return { end, send: () => response.destroy() }
    case 'stream_end':
      return { end, send: () => endStream(attempt, finish) }
    case 'api_error':
      return prepareError(attempt, end, finish.failure)
    case 'complete': {
      const answer = translate(attempt, end, metered)
      if (answer === null)
        return prepareError(attempt, end, createFailure('untranslatable', attempt.planned.account.name))
      return { end: { ...end, status: answer.status }, send: () => sendAnswer(response, answer) }
    }
  }
}

function prepareError(attempt: Attempt, end: AttemptResult, failure: Failure): PreparedResponse {
  const answer = createErrorResponse(attempt, failure)
  return {
    end: {
      ...end,
      outcome: failure.outcome,
      status: answer.status,
      // The client does not get the answer that stopped for this reason.
      reading: { ...end.reading, stopReason: null },
      finish: { kind: 'api_error', failure },
    },
    send: () => sendAnswer(attempt.response, answer),
  }
}

/** Null if the response cannot be translated: translating protocols parse it, and an upstream may send anything. */
function translate(
  attempt: Attempt,
  { finish, status }: AttemptResult,
  { price, usage }: Metered,
): BufferedResponse | null {
  if (finish.kind !== 'complete') return null
  const headers = { ...finish.headers, ...createResponseHeaders(attempt) }
  if (price?.ok === true) headers['x-anthology-cost-usd'] = formatNanoUsd(price.totalNanoUsd)
  try {
    return attempt.call.translator.translateBody({ status, headers, body: finish.body }, usage)
  } catch {
    return null
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
function endStream({ response }: Attempt, { open, frames }: Extract<Finish, { kind: 'stream_end' }>): void {
  open()
  for (const frame of frames) response.write(frame)
  response.end()
}
