import { type Price, formatNanoUsd, computePrice } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { createResponseHeaders } from './response-headers.ts'
import type { Context } from '../context.ts'
import type { BufferedResponse } from '../protocols/protocol.ts'
import { type ErrorCode, errors } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallEnd, CallStart } from '../ledger/call-row.ts'
import { removeSecrets } from '../log.ts'
import { parseUsage } from './meter.ts'
import { describeUntranslatable } from '../routing/failure.ts'
import type { Finish, Attempt, AttemptResult } from './attempt.ts'
import { sendAnswer } from '../http/respond.ts'

declare const countSettled: unique symbol

/** Proof that a call came to its end by way of the ledger; only `settle` makes one. */
export interface Settled {
  readonly [countSettled]: true
}

/** Prices a leg, writes it down, and only then lets the end of the answer go out. */
export async function settle(
  context: Context,
  attempt: Attempt,
  start: CallStart,
  end: AttemptResult,
): Promise<Settled> {
  const { call } = attempt
  const usage = parseUsage(end.reading)
  attempt.permit.settle(usage, end.outcome)
  const price = usage === null ? null : computePrice(usage, call.model, priceOptions(call))
  const row = describeEnd(context, attempt, end, price)
  if (call.billable) {
    const handedOverMs = performance.now()
    try {
      await context.ledger.write({ start, end: row })
      context.telemetry.committed(performance.now() - handedOverMs)
    } catch (error) {
      context.telemetry.countLimit('ledgerWaitMs')
      // The row stays queued in the writer. An answer does not break because of it.
      context.log({ level: 'error', event: 'ledger_late', call: call.id, message: String(error) })
    }
  }
  finish(attempt, end, { price, usage })
  context.telemetry.called({ attempt, row, usage })
  call.trace?.end(call, row, { upstream: attempt.planned.account.name, usage })
  context.log(describeLog(attempt, end, row, price))
  // The proof has no contents: that it was given is all that it says.
  return {} as Settled
}

/** The prices of the day on which the call began (UTC), with the betas that were sent: a longer window has prices of its own. */
function priceOptions({ betas, startedAtMs }: Attempt['call']): Parameters<typeof computePrice>[2] {
  return { betas, asOf: getDay(startedAtMs) }
}

const msPerDay = 86_400_000
let latest = { number: Number.NaN, text: '' }

/** Calls come in the order of time, so that the day of one is the day of the next but once a day. */
function getDay(timeMs: number): string {
  const number = Math.floor(timeMs / msPerDay)
  if (number !== latest.number)
    latest = { number, text: new Date(number * msPerDay).toISOString().slice(0, 10) }
  return latest.text
}

/** What the answer was metered with, and its price. */
interface Metered {
  readonly price: Price | null
  readonly usage: UsageFields | null
}

function finish(attempt: Attempt, end: AttemptResult, { price, usage }: Metered): void {
  const { response } = attempt
  switch (end.finish.kind) {
    case 'aborted':
      response.destroy()
      return
    case 'stream_end':
      endStream(response, end.finish)
      return
    case 'api_error':
      sendAnswer(response, createErrorResponse(attempt, end.finish.code, end.finish.message))
      return
    case 'complete': {
      const headers = { ...end.finish.headers, ...createResponseHeaders(attempt) }
      if (price?.ok === true) headers['x-anthology-cost-usd'] = formatNanoUsd(price.totalNanoUsd)
      const body = removeSecrets(end.finish.body, attempt.planned.account.secrets)
      sendAnswer(response, translated(attempt, { status: end.status, headers, body }, usage))
    }
  }
}

function translated(attempt: Attempt, answer: BufferedResponse, usage: UsageFields | null): BufferedResponse {
  try {
    return attempt.call.translator.translateBody(answer, usage)
  } catch {
    // Only a door that translates reads an answer, and an upstream may say anything.
    return createErrorResponse(
      attempt,
      'answer_unreadable',
      describeUntranslatable(attempt.planned.account.name),
    )
  }
}

function createErrorResponse({ call, permit }: Attempt, code: ErrorCode, message: string): BufferedResponse {
  const headers = permit.headers()
  return call.protocol.toErrorResponse({ code, kind: errors[code], message, requestId: call.id, headers })
}

/** The last row is durable, so whatever waited for the first one need not wait for its word any more. */
function endStream(
  response: ClientResponse,
  { open, frames }: Extract<Finish, { kind: 'stream_end' }>,
): void {
  open()
  for (const frame of frames) response.write(frame)
  response.end()
}

function describeEnd(context: Context, attempt: Attempt, end: AttemptResult, price: Price | null): CallEnd {
  return {
    outcome: end.outcome,
    status: end.finish.kind === 'api_error' ? errors[end.finish.code].status : end.status,
    attempts: attempt.attemptNumber,
    stop_reason: end.reading.stopReason,
    error_type:
      end.reading.errorType ?? (end.finish.kind === 'api_error' ? errors[end.finish.code].type : null),
    message_id: end.reading.messageId,
    upstream_request_id: end.upstreamRequestId,
    first_byte_ms: end.firstByteMs,
    first_token_ms: end.firstTokenMs,
    total_ms: context.nowMs() - attempt.call.startedAtMs,
    usage: end.reading.usage,
    price,
  }
}

function describeLog(
  attempt: Attempt,
  end: AttemptResult,
  row: CallEnd,
  price: Price | null,
): Parameters<Context['log']>[0] {
  const { call } = attempt
  return {
    level: row.outcome === 'upstream_aborted' ? 'warn' : 'info',
    event: call.billable ? 'call' : 'count_tokens',
    call: call.id,
    key: call.key.id,
    model: call.model.id,
    upstream: attempt.planned.account.name,
    streamed: call.stream,
    outcome: row.outcome,
    status: row.status,
    stop_reason: row.stop_reason,
    error_type: row.error_type,
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
    upstream_headers: end.upstreamHeaders,
    cost_usd: price?.ok === true ? formatNanoUsd(price.totalNanoUsd) : null,
    unpriced_because: price?.ok === false ? price.detail : null,
  }
}
